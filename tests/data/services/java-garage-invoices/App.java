import com.google.gson.Gson;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Invoices of a chain of garages, with the signature that the tax office asks for. */
public class App {

    record Line(String sku, int quantity) {
    }

    record Order(int customer, List<Line> lines) {
    }

    private static final Gson GSON = new Gson();

    private final Billing billing;

    App(Billing billing) {
        this.billing = billing;
    }

    void issue(HttpServerExchange exchange) throws Exception {
        String series = exchange.getQueryParameters().get("series").getFirst();
        String body = new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Order order = GSON.fromJson(body, Order.class);
        if (order == null || order.lines() == null || order.lines().isEmpty()) {
            send(exchange, 400, Map.of("error", "an invoice needs lines"));
            return;
        }
        send(exchange, 201, billing.issue(series, order));
    }

    void latest(HttpServerExchange exchange) throws SQLException {
        String series = exchange.getQueryParameters().get("series").getFirst();
        send(exchange, 200, billing.latest(series, 20));
    }

    void series(HttpServerExchange exchange) throws SQLException {
        send(exchange, 200, billing.series());
    }

    private static void send(HttpServerExchange exchange, int status, Object value) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(GSON.toJson(value));
    }

    private static HttpHandler blocking(HttpHandler handler) {
        return new BlockingHandler(exchange -> {
            try {
                handler.handleRequest(exchange);
            } catch (IllegalArgumentException e) {
                send(exchange, 404, Map.of("error", e.getMessage()));
            } catch (SQLException e) {
                send(exchange, 500, Map.of("error", e.getMessage()));
            }
        });
    }

    public static void main(String[] args) {
        Billing billing = new Billing(System.getenv("DATABASE_URL"),
                new FiscalUnit("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        App app = new App(billing);
        RoutingHandler routes = Handlers.routing()
                .get("/health", exchange -> exchange.getResponseSender().send("up"))
                .get("/series", blocking(app::series))
                .get("/series/{series}/invoices", blocking(app::latest))
                .post("/series/{series}/invoices", blocking(app::issue));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(24)
                .setHandler(routes)
                .build()
                .start();
    }
}
