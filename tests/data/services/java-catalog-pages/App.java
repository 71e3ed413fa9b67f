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

/** Pages of a catalogue, each drawn anew, a little work each. */
public class App {
    private final List<String> goods = IntStream.range(0, 800).mapToObj(i -> "Good " + i * 31 % 997).toList();

    void page(HttpExchange ex) throws IOException {
        String body = goods.stream().filter(g -> !g.endsWith("3")).sorted().map(g -> "<li>" + g + "</li>")
                .collect(Collectors.joining("\n"));
        send(ex, body);
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
        server.createContext("/pages/7", app::page);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
