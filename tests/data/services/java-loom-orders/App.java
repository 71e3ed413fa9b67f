import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Orders for a loom: yarn prices from a neighbour, and the shortest plan of its threads. */
public class App {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    static String prices(String yarn) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/prices/" + yarn);
        return CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    static long shortestPlan(int threads) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < threads; i++) {
            long sum = 0;
            for (int j = 0; j < threads; j++) {
                for (int k = 0; k < 200; k++) {
                    sum = (sum * 31 + (long) i * j + k) % 1_000_003;
                }
            }
            best = Math.min(best, sum);
        }
        return best;
    }

    static String order() throws Exception {
        String prices = prices("wool");
        return prices + " " + shortestPlan(190);
    }

    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.createContext("/order", exchange -> {
            try {
                byte[] body = order().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            } catch (Exception e) {
                exchange.sendResponseHeaders(500, -1);
            }
            exchange.close();
        });
        server.start();
    }
}
