import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Woven patterns: how the threads of a cloth cross. */
public class App {
    record Weave(int number, double[] crossings) {}

    static class Patterns {
        private final Shelf<Integer, Weave> recent = new Shelf<>(30);

        Weave pattern(int number) {
            Weave known = recent.get(number);
            if (known == null) {
                known = weave(number);
                recent.put(number, known);
            }
            return known;
        }

        private static Weave weave(int number) {
            double[] at = new double[500];
            for (int thread = 0; thread < at.length; thread++) {
                for (int pick = 1; pick < 200; pick++) {
                    at[thread] += Math.sin(number * pick) * Math.sqrt(thread + pick);
                }
            }
            return new Weave(number, at);
        }
    }

    static String cloth(Patterns patterns, int first) {
        StringBuilder out = new StringBuilder();
        for (int number = first; number < first + 45; number++) {
            Weave weave = patterns.pattern(number);
            out.append(weave.number()).append(' ').append(weave.crossings()[number % 500]).append('\n');
        }
        return out.toString();
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, "ok"));
        Patterns patterns = new Patterns();
        server.createContext("/patterns/tartan", exchange -> send(exchange, cloth(patterns, 70)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
