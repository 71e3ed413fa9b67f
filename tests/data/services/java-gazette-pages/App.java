import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** The town gazette's archive: an overview of the pages of a year. */
public class App {
    private static final int PAGES_A_YEAR = 156;

    private final PageStore store;

    App(PageStore store) {
        this.store = store;
    }

    String overview(int year) {
        StringBuilder out = new StringBuilder("{\"year\":" + year + ",\"pages\":[");
        int first = (year - 1870) * PAGES_A_YEAR;
        for (int number = first; number < first + PAGES_A_YEAR; number++) {
            String page = store.page(number);
            String head = page.substring(0, page.indexOf('\n'));
            out.append("{\"head\":\"").append(head).append("\",\"chars\":").append(page.length()).append("},");
        }
        out.setCharAt(out.length() - 1, ']');
        return out.append('}').toString();
    }

    void year(HttpExchange ex) throws IOException {
        String year = ex.getRequestURI().getPath().substring("/years/".length());
        if (!year.matches("187[01]")) {
            send(ex, 404, "{\"error\":\"no such year\"}");
            return;
        }
        send(ex, 200, overview(Integer.parseInt(year)));
    }

    void page(HttpExchange ex) throws IOException {
        int number = Integer.parseInt(ex.getRequestURI().getPath().substring("/pages/".length()));
        send(ex, number < store.size() ? 200 : 404, number < store.size() ? store.page(number) : "");
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App(new PageStore(2 * PAGES_A_YEAR));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 100);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"up\":true}"));
        server.createContext("/years/", app::year);
        server.createContext("/pages/", app::page);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
