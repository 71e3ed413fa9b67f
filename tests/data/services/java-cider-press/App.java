import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/** How ciders of several apples come out. */
public class App {
    static class Blends {
        private static final int KEPT = 40;
        private final Map<Integer, double[]> done = new HashMap<>();
        private final Queue<Integer> order = new ArrayDeque<>();

        double[] blend(int recipe) {
            synchronized (done) {
                double[] found = done.get(recipe);
                if (found != null) {
                    return found;
                }
            }
            double[] made = ferment(recipe);
            synchronized (done) {
                if (done.put(recipe, made) == null) {
                    order.add(recipe);
                }
                while (done.size() > KEPT) {
                    done.remove(order.poll());
                }
            }
            return made;
        }

        private static double[] ferment(int recipe) {
            double[] sugar = new double[300];
            double left = 120 + recipe % 7;
            for (int day = 0; day < sugar.length; day++) {
                for (int yeast = 1; yeast <= 300; yeast++) {
                    left -= Math.exp(-yeast * 0.1) * left * 1e-3 * (1 + Math.sin(recipe + yeast) * 0.1);
                }
                sugar[day] = left;
            }
            return sugar;
        }
    }

    static String season(Blends blends, int first) {
        StringBuilder out = new StringBuilder();
        for (int recipe = first; recipe < first + 60; recipe++) {
            double[] sugar = blends.blend(recipe);
            out.append(recipe).append(' ').append(sugar[sugar.length - 1]).append('\n');
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
        Blends blends = new Blends();
        server.createContext("/blends/autumn", exchange -> send(exchange, season(blends, 300)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
