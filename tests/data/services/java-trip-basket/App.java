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

/** A trip's price from the prices of its parts. */
public class App {
    private final String base = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");

    void trip(HttpExchange ex) throws IOException {
        int sum = 0;
        for (String part : List.of("train", "ferry", "hotel", "bike", "museum", "lunch")) {
            sum += priceOf(part);
        }
        send(ex, "{\"cents\":" + sum + "}");
    }

    int priceOf(String part) throws IOException {
        HttpURLConnection link = (HttpURLConnection) new URL(base + "/" + part).openConnection();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(link.getInputStream()))) {
            return Integer.parseInt(in.readLine().trim());
        }
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
        server.createContext("/trip", app::trip);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
