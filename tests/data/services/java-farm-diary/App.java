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

/** A farm's diary: each entry is kept safe before the answer. */
public class App {
    static class Diary {
        private final Path folder;

        Diary() throws IOException {
            folder = Files.createTempDirectory(Path.of("."), "diary");
        }

        void keep(byte[] text) throws IOException {
            for (int copy = 0; copy < 50; copy++) {
                try (FileChannel file = FileChannel.open(folder.resolve(Thread.currentThread().getId() + "-" + copy),
                        StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.wrap(text));
                    file.force(true);
                }
            }
        }
    }

    private final Diary diary;

    App() throws IOException {
        diary = new Diary();
    }

    void add(HttpExchange ex) throws IOException {
        diary.keep(new byte[65536]);
        send(ex, "{}");
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
        server.createContext("/diary/add", app::add);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
