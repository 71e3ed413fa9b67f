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

/** The tide of a harbour, by the water office's service. */
public class App {
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI office = URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/level");

    void tide(HttpExchange ex) throws IOException {
        send(ex, "{\"level\":" + level() + "}");
    }

    String level() throws IOException {
        try {
            return client.send(HttpRequest.newBuilder(office).build(), HttpResponse.BodyHandlers.ofString()).body().trim();
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
        server.createContext("/tide", app::tide);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
