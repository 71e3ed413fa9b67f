import com.google.gson.Gson;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/** Manifests of the ships at a quay: what lies in which hold, whose it is, and what the harbour asks for it. */
public class QuayManifest {
    private static final Gson GSON = new Gson();

    record Consignment(int id, int hold, String goods, int kilos, String consignee, boolean dangerous, long dues) {
    }

    record HoldSum(int consignments, long kilos, double share) {
    }

    record Manifest(int ship, Map<Integer, HoldSum> holds, List<Consignment> consignments, double trim, long dues) {
    }

    /** Harbour dues by kind of goods; they change a few times a year and are read again every minute. */
    static class Tariffs {
        private static final long KEEP_NANOS = TimeUnit.MINUTES.toNanos(1);
        private final DataSource source;
        private final ReentrantLock lock = new ReentrantLock();
        private Map<String, Integer> current = Map.of();
        private long readAt;

        Tariffs(DataSource source) {
            this.source = source;
        }

        Map<String, Integer> current() throws SQLException {
            lock.lock();
            try {
                if (current.isEmpty() || System.nanoTime() - readAt > KEEP_NANOS) {
                    current = read();
                    readAt = System.nanoTime();
                }
                return current;
            } finally {
                lock.unlock();
            }
        }

        private Map<String, Integer> read() throws SQLException {
            try (Connection connection = source.getConnection();
                 PreparedStatement select = connection.prepareStatement("SELECT goods, cents_per_ton FROM tariffs");
                 ResultSet rows = select.executeQuery()) {
                Map<String, Integer> tariffs = new HashMap<>();
                while (rows.next()) {
                    tariffs.put(rows.getString(1), rows.getInt(2));
                }
                return tariffs;
            }
        }
    }

    /** How often each ship is asked for; written to the log now and then. */
    static class Usage {
        private final Map<Integer, Integer> counts = new TreeMap<>();

        synchronized void asked(int ship) {
            counts.merge(ship, 1, Integer::sum);
        }

        synchronized String drained() {
            String text = counts.toString();
            counts.clear();
            return text;
        }
    }

    private final DataSource source;
    private final Tariffs tariffs;
    private final Usage usage = new Usage();

    QuayManifest(DataSource source) {
        this.source = source;
        this.tariffs = new Tariffs(source);
    }

    List<Consignment> consignments(int ship) throws SQLException {
        Map<String, Integer> dues = tariffs.current();
        try (Connection connection = source.getConnection();
             PreparedStatement select = connection.prepareStatement("SELECT id, hold, goods, kilos, consignee, dangerous"
                     + " FROM consignments WHERE ship_id = ? ORDER BY hold, id")) {
            select.setInt(1, ship);
            List<Consignment> list = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    int kilos = row.getInt(4);
                    long cents = (kilos * (long) dues.getOrDefault(row.getString(3), 500) + 999) / 1000;
                    list.add(new Consignment(row.getInt(1), row.getInt(2), row.getString(3), kilos, row.getString(5),
                            row.getBoolean(6), row.getBoolean(6) ? cents * 2 : cents));
                }
            }
            return list;
        }
    }

    Manifest manifest(int ship) throws SQLException {
        List<Consignment> list = consignments(ship);
        Map<Integer, List<Consignment>> byHold = new TreeMap<>();
        list.forEach(c -> byHold.computeIfAbsent(c.hold(), hold -> new ArrayList<>()).add(c));
        long total = Math.max(1, list.stream().mapToLong(Consignment::kilos).sum());
        Map<Integer, HoldSum> holds = new TreeMap<>();
        byHold.forEach((hold, inside) -> {
            long kilos = inside.stream().mapToLong(Consignment::kilos).sum();
            holds.put(hold, new HoldSum(inside.size(), kilos, kilos / (double) total));
        });
        return new Manifest(ship, holds, list, trim(list), list.stream().mapToLong(Consignment::dues).sum());
    }

    /** Settles how far the bow lies deeper than the stern, by small steps until both moments agree. */
    static double trim(List<Consignment> list) {
        double trim = 0;
        for (int step = 0; step < 120; step++) {
            double moment = 0;
            for (Consignment c : list) {
                moment += c.kilos() * Math.sin((c.hold() - 3) * 0.2 + trim);
            }
            double next = trim - moment / 5e7;
            if (Math.abs(next - trim) < 1e-9) {
                break;
            }
            trim = next;
        }
        return trim;
    }

    void ships(HttpExchange ex) throws IOException {
        String[] parts = ex.getRequestURI().getPath().split("/");
        if (parts.length != 4 || !parts[2].matches("\\d{1,6}")) {
            send(ex, 404, Map.of("error", "not found"));
            return;
        }
        int ship = Integer.parseInt(parts[2]);
        usage.asked(ship);
        try {
            switch (parts[3]) {
                case "manifest" -> send(ex, 200, manifest(ship));
                case "dangerous" -> send(ex, 200, consignments(ship).stream().filter(Consignment::dangerous).toList());
                default -> send(ex, 404, Map.of("error", "not found"));
            }
        } catch (SQLException e) {
            send(ex, 500, Map.of("error", "database"));
        }
    }

    static void send(HttpExchange ex, int status, Object body) throws IOException {
        byte[] bytes = GSON.toJson(body).getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    static DataSource dataSource() {
        URI url = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(6);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) throws IOException, SQLException {
        QuayManifest app = new QuayManifest(dataSource());
        for (int ship = 1; ship <= 150; ship++) {
            app.manifest(ship);
        }
        ScheduledExecutorService log = Executors.newSingleThreadScheduledExecutor();
        log.scheduleAtFixedRate(() -> System.out.println("asked " + app.usage.drained()), 5, 5, TimeUnit.SECONDS);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "ok"));
        server.createContext("/ships", app::ships);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
