import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/** Reservations of stock in the depots. */
public class App {
    private final StockBook book = new StockBook(new ShelfFinder("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));

    static Map<String, String> query(HttpExchange exchange) {
        Map<String, String> values = new HashMap<>();
        String raw = exchange.getRequestURI().getQuery();
        for (String pair : raw == null ? new String[0] : raw.split("&")) {
            int eq = pair.indexOf('=');
            if (eq > 0) {
                values.put(pair.substring(0, eq), pair.substring(eq + 1));
            }
        }
        return values;
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    void reservations(HttpExchange exchange) throws IOException {
        String[] parts = exchange.getRequestURI().getPath().split("/");
        Map<String, String> query = query(exchange);
        String sku = query.get("sku");
        if (parts.length != 4 || !parts[3].equals("reservations") || sku == null || !book.knows(parts[2])) {
            answer(exchange, 404, "{\"error\":\"unknown\"}");
            return;
        }
        try {
            int quantity = Integer.parseInt(query.getOrDefault("quantity", "1"));
            StockBook.Reservation made = book.reserve(parts[2], sku, quantity);
            answer(exchange, 201, String.format("{\"number\":%d,\"sku\":\"%s\",\"quantity\":%d,\"shelf\":\"%s\",\"left\":%d}",
                    made.number(), made.sku(), made.quantity(), made.shelf(), book.left(parts[2], sku)));
        } catch (IllegalStateException | NumberFormatException e) {
            answer(exchange, 409, "{\"error\":\"" + e.getMessage() + "\"}");
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "{}"));
        server.createContext("/depots/", app::reservations);
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.start();
    }
}
