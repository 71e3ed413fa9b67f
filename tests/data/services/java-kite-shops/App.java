import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;

/** A kite with all its parts, and what the shop has of each. */
public class App {

    static class Store {
        private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String root = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/parts/";

        CompletableFuture<String> part(String name) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(root + name)).timeout(Duration.ofSeconds(5)).build();
            return client.sendAsync(request, BodyHandlers.ofString()).thenApply(answer -> answer.body());
        }
    }

    static class Kit {
        private static final List<String> PARTS = List.of("sail", "spars", "bridle", "line", "reel", "stock", "tail", "bag");
        private final Store store;

        Kit(Store store) {
            this.store = store;
        }

        CompletableFuture<List<String>> whole() {
            List<CompletableFuture<String>> asked = PARTS.stream().map(store::part).toList();
            return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                    .thenApply(done -> new ArrayList<>(asked.stream().map(CompletableFuture::join).toList()));
        }
    }

    private static void send(HttpExchange exchange, int status, String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        } catch (IOException gone) {
            exchange.close();
        }
    }

    public static void main(String[] args) throws IOException {
        Kit kit = new Kit(new Store());
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, 200, "\"ok\""));
        server.createContext("/kits/delta", exchange -> kit.whole().whenComplete((parts, failed) ->
                send(exchange, failed == null ? 200 : 502, failed == null ? "[" + String.join(",", parts) + "]" : "\"later\"")));
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.start();
    }
}
