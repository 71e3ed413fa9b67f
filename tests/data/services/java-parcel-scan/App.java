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

/** Scans parcels: a camera's thread answers by a queue of the request. */
public class App {
    record Scan(String parcel, BlockingQueue<Integer> answer) {}

    private final BlockingQueue<Scan> scans = new LinkedBlockingQueue<>();
    private final String base = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");

    App() {
        Thread camera = new Thread(this::look, "camera");
        camera.setDaemon(true);
        camera.start();
    }

    void scan(HttpExchange ex) throws IOException {
        try {
            Scan scan = new Scan("P1", new ArrayBlockingQueue<>(1));
            scans.put(scan);
            send(ex, "{\"size\":" + scan.answer().take() + "}");
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void look() {
        while (true) {
            try {
                Scan scan = scans.take();
                HttpURLConnection link = (HttpURLConnection) new URL(base + "/size").openConnection();
                try (BufferedReader in = new BufferedReader(new InputStreamReader(link.getInputStream()))) {
                    scan.answer().put(Integer.parseInt(in.readLine().trim()));
                }
            } catch (InterruptedException | IOException e) {
                throw new IllegalStateException(e);
            }
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
        server.createContext("/parcels/scan", app::scan);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
