import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Which blend of oats keeps best; a blend's parts are weighed once for each question. */
public class App {

    static class Blends {
        String best(int sorts) {
            Map<Integer, Double> weighed = new ConcurrentHashMap<>();
            double best = IntStream.range(0, sorts * sorts)
                    .mapToDouble(pair -> weighed.computeIfAbsent(pair / sorts, Blends::weigh)
                            + weighed.computeIfAbsent(pair % sorts, Blends::weigh))
                    .max().orElse(0);
            return String.format("%.5f", best);
        }

        private static double weigh(int sort) {
            double kept = 1;
            for (int day = 1; day < 30_000; day++) {
                kept += Math.sin(sort * 0.7 + day) * Math.log(day) * 1e-5;
            }
            return kept;
        }
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, "ok"));
        Blends blends = new Blends();
        server.createContext("/blends/best", exchange -> send(exchange, blends.best(24)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
