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

/** What a night costs in each harbour of a trip; the harbours' offices answer for themselves. */
public class App {

    static class Offices {
        private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String root = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/fees/";

        CompletableFuture<String> fee(String harbour) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(root + harbour)).timeout(Duration.ofSeconds(5)).build();
            return client.sendAsync(request, BodyHandlers.ofString()).thenApply(answer -> answer.body());
        }
    }

    static class Estimate {
        private static final List<String> HARBOURS = List.of("arholma", "gavle", "hudiksvall", "sundsvall", "ulvon", "umea",
                "holmsund", "pitea", "lulea", "haparanda");
        private final Offices offices;

        Estimate(Offices offices) {
            this.offices = offices;
        }

        CompletableFuture<List<String>> whole() {
            return next(0, new ArrayList<>());
        }

        private CompletableFuture<List<String>> next(int leg, List<String> fees) {
            if (leg == HARBOURS.size()) {
                return CompletableFuture.completedFuture(fees);
            }
            return offices.fee(HARBOURS.get(leg)).thenCompose(fee -> {
                fees.add(fee);
                return next(leg + 1, fees);
            });
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
        Estimate estimate = new Estimate(new Offices());
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, 200, "\"ok\""));
        server.createContext("/trips/north", exchange -> estimate.whole().whenComplete((fees, failed) ->
                send(exchange, failed == null ? 200 : 502, failed == null ? "[" + String.join(",", fees) + "]" : "\"later\"")));
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.start();
    }
}
