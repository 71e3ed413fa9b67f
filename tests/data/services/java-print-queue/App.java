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

/** Receipts: a template is filled, and the printer asked for its state. */
public class App {
    static class Printer {
        String state() throws InterruptedException {
            Thread.sleep(60);
            return "ready";
        }
    }

    private final Printer printer = new Printer();

    void receipt(HttpExchange ex) throws IOException {
        try {
            send(ex, "{\"printer\":\"" + printer.state() + "\"}");
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
        server.createContext("/receipts/new", app::receipt);
        server.setExecutor(Executors.newFixedThreadPool(2));
        server.start();
    }
}
