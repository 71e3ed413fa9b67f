import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** How grains of soils settle, by layers that are made when they are first needed. */
public class App {
    record Layer(int depth, double[] grains) {}

    static class Layers {
        private Map<Integer, Layer> layers;

        synchronized Map<Integer, Layer> all() {
            if (layers == null) {
                layers = new HashMap<>();
                for (int depth = 0; depth < 40; depth++) {
                    layers.put(depth, new Layer(depth, new double[] {depth, depth * 0.5, 1}));
                }
            }
            return layers;
        }
    }

    static class Bookings {
        private final Map<String, String> open = new ConcurrentHashMap<>();

        void book(String name) {
            open.put(name, "open");
        }

        void cancel(String name) {
            open.remove(name);
        }
    }

    static class Scales {
        private final Layers layers = new Layers();

        private static Layer settle(Layer layer, int steps) {
            double[] grains = layer.grains().clone();
            for (int step = 0; step < steps; step++) {
                for (int grain = 0; grain < grains.length; grain++) {
                    grains[grain] += Math.sin(grains[grain]) * 1e-3 + Math.sqrt(step + layer.depth());
                }
            }
            return new Layer(layer.depth(), grains);
        }

        String heath() {
            double sum = 0;
            for (int depth = 10; depth < 22; depth++) {
                sum += settle(layers.all().get(depth), 90_000).grains()[1];
            }
            return "settled " + sum;
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
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, "ok"));
        Bookings bookings = new Bookings();
        bookings.book("first");
        Scales scales = new Scales();
        server.createContext("/soils/heath", exchange -> send(exchange, scales.heath()));
        server.createContext("/bookings/cancel", exchange -> {
            bookings.cancel(exchange.getRequestURI().getQuery());
            send(exchange, "done");
        });
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
