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

/** Finds words that a message has twice. */
public class App {
    private static final java.util.regex.Pattern TWICE = java.util.regex.Pattern.compile("(\\w{4,}) .*\\1");
    private final String text = IntStream.range(0, 1100).mapToObj(i -> Integer.toString(i * 7919 + 4096, 26))
            .collect(Collectors.joining(" "));

    void filter(HttpExchange ex) throws IOException {
        send(ex, "{\"twice\":" + repeats(text) + "}");
    }

    static boolean repeats(String text) {
        return TWICE.matcher(text).find();
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
        server.createContext("/filter", app::filter);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
