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

/** A hotel's guests: who came by the door today. */
public class App {
    record Visit(long at, String who, byte[] picture) {}

    static class Door {
        private final Map<Long, Visit> visits = new ConcurrentHashMap<>();
        private long last;

        synchronized long note(String who, byte[] picture) {
            visits.put(++last, new Visit(System.nanoTime(), who, picture));
            return last;
        }
    }

    private final Door door = new Door();

    void enter(HttpExchange ex) throws IOException {
        byte[] picture = new byte[9000];
        ThreadLocalRandom.current().nextBytes(picture);
        send(ex, "{\"visit\":" + door.note("guest", picture) + "}");
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
        server.createContext("/door/in", app::enter);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
