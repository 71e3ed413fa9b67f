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

/** Readers wait for the next news, which come by the quarter second. */
public class App {
    private final Object bell = new Object();
    private int number;

    App() {
        Thread wire = new Thread(this::ring, "wire");
        wire.setDaemon(true);
        wire.start();
    }

    private void ring() {
        try {
            while (true) {
                Thread.sleep(250);
                synchronized (bell) {
                    number++;
                    bell.notifyAll();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void next(HttpExchange ex) throws IOException {
        try {
            synchronized (bell) {
                int before = number;
                while (number == before) {
                    bell.wait(5000);
                }
            }
            send(ex, "{\"news\":" + number + "}");
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
        server.createContext("/news/next", app::next);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
