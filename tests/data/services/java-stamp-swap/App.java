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

/** Collectors swap stamps, two albums at a time. */
public class App {
    static class Album {
        final int number;
        int stamps = 1000;

        Album(int number) {
            this.number = number;
        }
    }

    private final Album[] albums = {new Album(0), new Album(1), new Album(2)};

    void swap(HttpExchange ex) throws IOException {
        int from = ThreadLocalRandom.current().nextInt(3);
        exchange(albums[from], albums[(from + 1) % 3]);
        send(ex, "{\"from\":" + from + "}");
    }

    static void exchange(Album one, Album other) {
        synchronized (one) {
            one.stamps--;
            look();
            synchronized (other) {
                other.stamps++;
            }
        }
    }

    static void look() {
        try {
            Thread.sleep(2);
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
        server.createContext("/swap", app::swap);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
