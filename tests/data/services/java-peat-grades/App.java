import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** Grades samples of peat by how they burn. */
public class App {

    static class Recent<K, V> extends LinkedHashMap<K, V> {
        private final int most;

        Recent(int most) {
            super(16, 0.75f, true);
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
        }
    }

    static class Grades {
        private final Map<String, double[]> norms = new Recent<>(200);

        private synchronized double[] norm(String bog) {
            return norms.computeIfAbsent(bog, name -> {
                double[] norm = new double[64];
                for (int i = 0; i < norm.length; i++) {
                    norm[i] = Math.cbrt(name.hashCode() % 97 + i);
                }
                return norm;
            });
        }

        String of(String bog) {
            double[] norm = norm(bog);
            List<Map<String, Object>> rows = new ArrayList<>();
            for (int sample = 0; sample < 20; sample++) {
                Map<String, Object> row = new LinkedHashMap<>();
                double loss = burn(sample, norm);
                for (String field : List.of("bog", "depth", "water", "ash", "sulphur", "heat", "grade", "year")) {
                    row.put(field, field.equals("bog") ? bog : loss / field.length());
                }
                rows.add(row);
            }
            return rows.toString();
        }

        private static double burn(int sample, double[] norm) {
            double left = 1000 + sample;
            for (int minute = 0; minute < 9000; minute++) {
                for (double each : norm) {
                    left -= left * 1e-7 * Math.sqrt(each + minute);
                }
            }
            return left;
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
        Grades grades = new Grades();
        server.createContext("/grades", exchange -> send(exchange, grades.of("storemosse")));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
