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

/** Sends messages by one of few lines to the exchange. */
public class App {
    static class Line {
        final HttpClient client = HttpClient.newHttpClient();

        String ask(String base) throws IOException, InterruptedException {
            return client.send(HttpRequest.newBuilder(URI.create(base + "/say")).build(),
                    HttpResponse.BodyHandlers.ofString()).body().trim();
        }
    }

    static class Lines {
        private final BlockingQueue<Line> free = new ArrayBlockingQueue<>(3);

        Lines() {
            for (int i = 0; i < 3; i++) {
                free.add(new Line());
            }
        }

        Line lease() throws InterruptedException {
            return free.take();
        }

        void back(Line line) {
            free.add(line);
        }
    }

    private final Lines lines = new Lines();
    private final String base = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");

    void message(HttpExchange ex) throws IOException {
        try {
            Line line = lines.lease();
            try {
                send(ex, line.ask(base));
            } finally {
                lines.back(line);
            }
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
        server.createContext("/messages/send", app::message);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
