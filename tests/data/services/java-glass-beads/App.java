import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

public class App {

    static class PriceBoard {
        private final List<Consumer<String>> watchers = new CopyOnWriteArrayList<>();

        void subscribe(Consumer<String> watcher) {
            watchers.add(watcher);
        }

        void publish(String price) {
            watchers.forEach(watcher -> watcher.accept(price));
        }
    }

    static class Visit implements Consumer<String> {
        private final byte[] page = new byte[48 * 1024];
        private int used;

        @Override
        public void accept(String price) {
            byte[] bytes = price.getBytes();
            System.arraycopy(bytes, 0, page, used % (page.length - bytes.length), bytes.length);
            used += bytes.length;
        }
    }

    private final PriceBoard board = new PriceBoard();
    private final String prices = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/beads/";

    String bead(String number) throws IOException {
        Visit visit = new Visit();
        board.subscribe(visit);
        try (InputStream in = new URL(prices + number).openStream()) {
            String price = new String(in.readAllBytes());
            visit.accept(price);
            return price;
        }
    }

    static void send(HttpExchange ex, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(200, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/beads/", ex -> send(ex, app.bead(ex.getRequestURI().getPath().substring(7))));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        Executors.newSingleThreadScheduledExecutor().scheduleAtFixedRate(
                () -> app.board.publish("{\"bell\":1}"), 1, 1, java.util.concurrent.TimeUnit.SECONDS);
    }
}
