import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** What goods cost at the stalls of a market, by last year's sales. */
public class App {

    static class Prices {
        private final Cache<Integer, double[]> trends = Caffeine.newBuilder().maximumSize(25).build();

        double now(int ware) {
            double[] trend = trends.getIfPresent(ware);
            if (trend == null) {
                trend = fit(ware);
                trends.put(ware, trend);
            }
            return trend[trend.length - 1];
        }

        private static double[] fit(int ware) {
            double[] trend = new double[365];
            for (int day = 1; day < trend.length; day++) {
                double sum = 0;
                for (int back = 1; back <= day; back++) {
                    sum += Math.cos(ware + day - back) / back;
                }
                trend[day] = 10 + sum;
            }
            return trend;
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
        Prices prices = new Prices();
        server.createContext("/stalls/9", exchange -> {
            StringBuilder list = new StringBuilder();
            for (int ware = 900; ware < 960; ware++) {
                list.append(ware).append(' ').append(prices.now(ware)).append('\n');
            }
            send(exchange, list.toString());
        });
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
