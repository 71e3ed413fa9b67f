import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.*;

/** Radar strips: positions over time, thinned out for the screen. */
public class App {
    private final Map<Integer, List<Double>> history = new ConcurrentHashMap<>();

    App() {
        Random random = new Random(3);
        for (int i = 0; i < 120; i++) {
            history.put(i, random.doubles(700).boxed().collect(Collectors.toList()));
        }
    }

    void now(HttpExchange ex) throws IOException {
        List<Map<Integer, Double>> tracks = new ArrayList<>();
        for (int plane : history.keySet()) {
            tracks.add(thinned(plane));
        }
        send(ex, "{\"points\":" + tracks.stream().mapToInt(Map::size).sum() + "}");
    }

    Map<Integer, Double> thinned(int plane) {
        Map<Integer, Double> kept = new TreeMap<>();
        for (Double position : history.get(plane)) {
            kept.put(kept.size() + 1000, position * 1.0001);
        }
        return kept;
    }

    static void send(HttpExchange ex, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.sendResponseHeaders(200, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws Exception {
        App app = new App();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/strips/now", app::now);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
