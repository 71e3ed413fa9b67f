import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/** How a glaze shrinks while it cools, by its parts. */
public class App {

    static class Curves {
        private static final int MOST = 32;
        private final Map<Integer, double[]> known = new ConcurrentHashMap<>();

        double[] curve(int mixture) {
            if (known.size() >= MOST) {
                known.clear();
            }
            return known.computeIfAbsent(mixture, this::cool);
        }

        private double[] cool(int mixture) {
            double[] curve = new double[1500];
            double heat = 1260;
            for (int step = 0; step < curve.length; step++) {
                for (int layer = 1; layer <= 12; layer++) {
                    heat -= Math.exp(-layer * 0.2) * (heat - 20) * 1e-4 * (1 + Math.sin(mixture + layer) * 0.1);
                }
                curve[step] = heat;
            }
            return curve;
        }
    }

    static class Chart {
        private final Curves curves = new Curves();

        String of(int first) {
            double sum = 0;
            for (int mixture = first; mixture < first + 50; mixture++) {
                double[] curve = curves.curve(mixture);
                sum += curve[curve.length - 1];
            }
            return String.format("%.4f", sum);
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
        Chart chart = new Chart();
        server.createContext("/charts/celadon", exchange -> send(exchange, chart.of(100)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
