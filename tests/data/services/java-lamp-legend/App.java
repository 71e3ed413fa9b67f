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

/** What the lamps of a board mean. */
public class App {
    private final Map<String, String> lamps = new TreeMap<>();

    App() {
        for (int i = 0; i < 40; i++) {
            lamps.put("lamp" + i, i % 3 == 0 ? "steady" : "blinks");
        }
    }

    void legend(HttpExchange ex) throws IOException {
        StringBuilder out = new StringBuilder("{");
        synchronized (lamps) {
            lamps.forEach((name, how) -> out.append('"').append(name).append("\":\"").append(how).append("\","));
        }
        send(ex, out.append("\"end\":1}").toString());
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
        server.createContext("/legend", app::legend);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
