import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.springframework.util.ConcurrentLruCache;

/** Sheets of labels for jars: where each line of a label stands. */
public class App {
    static class Sheets {
        private final ConcurrentLruCache<Integer, double[]> layouts = new ConcurrentLruCache<>(40, Sheets::layout);

        static double[] layout(int jar) {
            double[] at = new double[400];
            for (int line = 0; line < at.length; line++) {
                for (int glyph = 0; glyph < 150; glyph++) {
                    at[line] += Math.cos(jar * 0.3 + glyph) * Math.sqrt(line + glyph);
                }
            }
            return at;
        }

        String print(int first) {
            StringBuilder out = new StringBuilder();
            for (int jar = first; jar < first + 60; jar++) {
                out.append(layouts.get(jar)[jar % 400]).append('\n');
            }
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
        Sheets sheets = new Sheets();
        server.createContext("/sheets/jams", exchange -> send(exchange, sheets.print(10)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
