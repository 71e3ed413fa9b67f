import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Plans of journeys by tram. */
public class App {
    static class Plan {
        private final RecentCache recent = new RecentCache();

        double[] legs(int from) {
            double[] cost = new double[900];
            for (int stop = 0; stop < cost.length; stop++) {
                for (int other = 0; other < 2500; other++) {
                    cost[stop] += Math.sin(from + stop) * Math.sqrt(other + stop);
                }
            }
            return cost;
        }

        String of(int from, int to) {
            recent.add("from " + from);
            recent.add("to " + to);
            recent.add("city");
            double[] cost = legs(from);
            return "cost " + cost[to];
        }

        String last() {
            StringBuilder out = new StringBuilder();
            recent.last().forEach(e -> out.append(e.at).append(' ').append(e.what).append('\n'));
            return out.toString();
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
        Plan plan = new Plan();
        server.createContext("/plans/last", exchange -> send(exchange, plan.last()));
        server.createContext("/plans/city", exchange -> send(exchange, plan.of(3, 90)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
