import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Checks customs entries before they are lodged. */
public class App {
    private final Entries entries = new Entries(8, 8_000);

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    Rules.Findings review(List<Rules.Line> lines) {
        Rules.Findings findings = new Rules.Findings();
        for (Rules.Line line : lines) {
            for (Rules.Rule rule : Rules.ALL) {
                rule.check(line, findings);
            }
        }
        return findings;
    }

    void entry(HttpExchange exchange) throws IOException {
        String[] parts = exchange.getRequestURI().getPath().split("/");
        List<Rules.Line> lines = parts.length == 4 && parts[3].equals("review") ? entries.find(parts[2]) : null;
        if (lines == null) {
            answer(exchange, 404, "{}");
            return;
        }
        Rules.Findings findings = review(lines);
        String remarks = findings.counts().entrySet().stream()
                .map(e -> "\"" + e.getKey() + "\":" + e.getValue()).collect(Collectors.joining(","));
        answer(exchange, 200, "{\"lines\":" + lines.size() + ",\"duty\":" + findings.total() / 100.0 + ",\"remarks\":{" + remarks + "}}");
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "ok"));
        server.createContext("/entries/", app::entry);
        server.setExecutor(Executors.newFixedThreadPool(12));
        server.start();
    }
}
