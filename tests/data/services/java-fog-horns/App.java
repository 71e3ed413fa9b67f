import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

public class App {

    record Blast(int station, int minute, int seconds) {
    }

    private final List<Blast> log = new ArrayList<>();

    App() {
        for (int i = 0; i < 1_100_000; i++) {
            log.add(new Blast(i % 90, i / 90, 2 + i % 7));
        }
    }

    String summary() {
        List<String> keys = log.subList(0, 60_000).stream()
                .map(b -> "station-" + b.station() + "/" + b.minute() / 60 + "/" + b.seconds())
                .collect(Collectors.toList());
        Map<String, List<Integer>> grouped = new HashMap<>();
        for (String key : keys) {
            grouped.computeIfAbsent(key.substring(0, key.lastIndexOf('/')), k -> new ArrayList<>()).add(key.hashCode());
        }
        return "{\"groups\":" + grouped.size() + "}";
    }

    static void send(HttpExchange ex, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(200, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/logs/summary", ex -> send(ex, app.summary()));
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
