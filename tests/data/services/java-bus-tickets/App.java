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

/** Tickets: seats are priced in an executor of their own. */
public class App {
    private final ExecutorService pricing = Executors.newFixedThreadPool(2, r -> new Thread(r, "pricing"));

    void price(HttpExchange ex) throws IOException {
        try {
            Future<Integer> seat = pricing.submit(this::seat);
            send(ex, "{\"cents\":" + seat.get() + "}");
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException(e);
        }
    }

    int seat() throws InterruptedException {
        Thread.sleep(45);
        return 420;
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
        server.createContext("/tickets/price", app::price);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
