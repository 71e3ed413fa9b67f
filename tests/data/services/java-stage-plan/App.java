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

/** Stage plans: the plan of a hall is changed by one at a time. */
public class App {
    static class Plan {
        private final ReentrantLock lock = new ReentrantLock();
        private int moved;

        int shift() throws InterruptedException {
            lock.lock();
            try {
                draw();
                return ++moved;
            } finally {
                lock.unlock();
            }
        }

        private void draw() throws InterruptedException {
            Thread.sleep(18);
        }
    }

    private final Plan plan = new Plan();

    void move(HttpExchange ex) throws IOException {
        try {
            send(ex, "{\"moved\":" + plan.shift() + "}");
        } catch (InterruptedException e) {
            throw new IOException(e);
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
        server.createContext("/plans/move", app::move);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
