import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/** Positions of tagged otters, as the river stations send them: a night's worth at a time. */
public class App {
    private static final int POSITIONS = 40;

    /** Keeps positions by tag and serial number. */
    static class Sightings {
        private final RocksDB store;
        private final WriteOptions durable = new WriteOptions().setSync(true);
        private final AtomicLong serial = new AtomicLong();

        Sightings(Path folder) throws RocksDBException {
            store = RocksDB.open(new Options().setCreateIfMissing(true), folder.toString());
        }

        int keep(int tag) throws RocksDBException {
            for (int i = 0; i < POSITIONS; i++) {
                String key = String.format("%05d/%012d", tag, serial.incrementAndGet());
                String value = "{\"east\":" + (4120 + i) + ",\"north\":" + (5310 - i) + ",\"depth\":0.8}";
                store.put(durable, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
            }
            return POSITIONS;
        }
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws Exception {
        RocksDB.loadLibrary();
        Sightings sightings = new Sightings(Files.createDirectories(Path.of("sightings")));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "\"ok\""));
        server.createContext("/tags/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            try {
                int kept = sightings.keep(Integer.parseInt(exchange.getRequestURI().getPath().split("/")[2]));
                answer(exchange, 201, "{\"kept\":" + kept + "}");
            } catch (RocksDBException e) {
                answer(exchange, 500, "\"" + e.getMessage() + "\"");
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
