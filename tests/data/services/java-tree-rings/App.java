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

/** Pictures of tree rings by year, drawn when they are asked for and kept for a while. */
public class App {
    static class Drawings {
        private final Map<Integer, String> recent = new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, String> eldest) {
                return size() > 48;
            }
        };

        String of(int year) {
            synchronized (recent) {
                String kept = recent.get(year);
                if (kept != null) {
                    return kept;
                }
            }
            String drawn = draw(year);
            synchronized (recent) {
                recent.put(year, drawn);
            }
            return drawn;
        }

        private static String draw(int year) {
            double x = year;
            for (int i = 0; i < 12000; i++) {
                x = Math.sin(x) * 1000 + Math.sqrt(i + Math.abs(x));
            }
            return "ring" + x;
        }
    }

    private final Drawings drawings = new Drawings();

    void rings(HttpExchange ex) throws IOException {
        StringBuilder out = new StringBuilder();
        for (int year = 1900; year < 1960; year++) {
            out.append(drawings.of(year)).append(';');
        }
        send(ex, out.toString());
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
        server.createContext("/rings", app::rings);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
