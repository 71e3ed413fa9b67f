import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Vaccine store: lots that arrive at a clinic, vial by vial, with a custody record for the inspectorate. */
public class App {

    record Vial(String serial, String tray, double celsius) {}

    record Lot(long id, String product, LocalDate expires, List<Vial> vials, String receivedBy) {
        String json() {
            return "{\"id\":" + id + ",\"product\":\"" + product + "\",\"vials\":" + vials.size() + ",\"expires\":\"" + expires
                    + "\",\"warmest\":" + vials.stream().mapToDouble(Vial::celsius).max().orElse(0) + "}";
        }
    }

    /** One file for each lot; what stands in it must be there after a power cut. */
    static class CustodyRecord implements AutoCloseable {
        private final FileOutputStream out;
        private int line;

        CustodyRecord(Path file) throws IOException {
            out = new FileOutputStream(file.toFile(), true);
        }

        void note(String kind, String text) throws IOException {
            String entry = (++line) + "\t" + Instant.now() + "\t" + kind + "\t" + text;
            CRC32 crc = new CRC32();
            crc.update(entry.getBytes(StandardCharsets.UTF_8));
            out.write((entry + "\t" + Long.toHexString(crc.getValue()) + "\n").getBytes(StandardCharsets.UTF_8));
            out.getFD().sync();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    static class Store {
        private final Path folder;
        private final AtomicLong ids = new AtomicLong();
        private final Map<Long, Lot> lots = new ConcurrentHashMap<>();

        Store(Path folder) throws IOException {
            this.folder = Files.createDirectories(folder);
        }

        Lot receive(String product, int trays, String by) throws IOException {
            Lot lot = new Lot(ids.incrementAndGet(), product, LocalDate.of(2025, 9, 30), unpack(product, trays), by);
            try (CustodyRecord record = new CustodyRecord(folder.resolve("lot-" + lot.id() % 200 + ".tsv"))) {
                record.note("opened", lot.product() + " by " + by);
                for (Vial vial : lot.vials()) {
                    record.note(vial.celsius() > 8 ? "warm" : "vial", vial.serial() + " " + vial.tray() + " " + vial.celsius());
                }
                record.note("closed", lot.vials().size() + " vials");
            }
            lots.put(lot.id() % 200, lot);
            return lot;
        }

        private List<Vial> unpack(String product, int trays) {
            List<Vial> vials = new ArrayList<>();
            for (int tray = 0; tray < trays; tray++) {
                for (int slot = 0; slot < 12; slot++) {
                    vials.add(new Vial(product.substring(0, 2).toUpperCase() + (100_000 + tray * 977 + slot * 31), "T" + tray,
                            2 + (tray * 7 + slot * 5) % 64 / 10.0));
                }
            }
            return vials;
        }

        Lot lot(long id) {
            return lots.get(id % 200);
        }

        List<Lot> latest(int count) {
            return lots.values().stream().sorted(Comparator.comparingLong(Lot::id).reversed()).limit(count).toList();
        }
    }

    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\"\\s*:\\s*\"?([^\",}]+)\"?");
    private final Store store;

    App(Store store) {
        this.store = store;
    }

    void lots(HttpExchange ex) throws IOException {
        String path = ex.getRequestURI().getPath();
        if (ex.getRequestMethod().equals("POST")) {
            Map<String, String> fields = fields(new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            int trays = Integer.parseInt(fields.getOrDefault("trays", "1"));
            if (trays < 1 || trays > 40) {
                send(ex, 422, "{\"error\":\"1 to 40 trays\"}");
                return;
            }
            Lot lot = store.receive(fields.getOrDefault("product", "unknown"), trays, fields.getOrDefault("by", "desk"));
            send(ex, 201, lot.json());
        } else if (path.equals("/lots")) {
            send(ex, 200, store.latest(20).stream().map(Lot::json).collect(Collectors.joining(",", "[", "]")));
        } else {
            Lot lot = store.lot(Long.parseLong(path.substring("/lots/".length())));
            send(ex, lot == null ? 404 : 200, lot == null ? "{\"error\":\"no such lot\"}" : lot.json());
        }
    }

    static Map<String, String> fields(String json) {
        Map<String, String> fields = new ConcurrentHashMap<>();
        Matcher matcher = FIELD.matcher(json);
        while (matcher.find()) {
            fields.put(matcher.group(1), matcher.group(2).trim());
        }
        return fields;
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App(new Store(Path.of(args.length > 0 ? args[0] : "custody")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/lots", app::lots);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
