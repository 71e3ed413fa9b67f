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

/** Herbs whose names are easily mistaken for one another. */
public class App {
    private final List<String> names = new ArrayList<>();

    App() {
        Random random = new Random(7);
        for (int i = 0; i < 170; i++) {
            StringBuilder name = new StringBuilder();
            for (int k = 0; k < 16; k++) {
                name.append((char) ('a' + random.nextInt(6)));
            }
            names.add(name.toString());
        }
    }

    void alike(HttpExchange ex) throws IOException {
        int pairs = 0;
        for (int i = 0; i < names.size(); i++) {
            for (int k = i + 1; k < names.size(); k++) {
                if (distance(names.get(i), names.get(k)) < 8) {
                    pairs++;
                }
            }
        }
        send(ex, "{\"pairs\":" + pairs + "}");
    }

    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int k = 0; k <= b.length(); k++) {
                if (i == 0 || k == 0) {
                    d[i][k] = i + k;
                } else {
                    int other = a.charAt(i - 1) == b.charAt(k - 1) ? 0 : 1;
                    d[i][k] = Math.min(d[i - 1][k - 1] + other, Math.min(d[i - 1][k], d[i][k - 1]) + 1);
                }
            }
        }
        return d[a.length()][b.length()];
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
        server.createContext("/herbs/alike", app::alike);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
