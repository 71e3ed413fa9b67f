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

/** Weighs seed lots: one scale, which a thread of its own reads. */
public class App {
    private final BlockingQueue<CompletableFuture<Integer>> lots = new LinkedBlockingQueue<>();

    App() {
        Thread scale = new Thread(this::read, "scale");
        scale.setDaemon(true);
        scale.start();
    }

    void weigh(HttpExchange ex) throws IOException {
        CompletableFuture<Integer> lot = new CompletableFuture<>();
        lots.add(lot);
        send(ex, "{\"grams\":" + lot.join() + "}");
    }

    private void read() {
        try {
            while (true) {
                CompletableFuture<Integer> lot = lots.take();
                Thread.sleep(25);
                lot.complete(640);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        server.createContext("/lots/weigh", app::weigh);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
