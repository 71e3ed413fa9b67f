import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Scales under beehives: what each hive weighed, hour by hour, and what the bees brought in. */
public class App {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("dd MMM uuuu");

    record Day(LocalDate date, double morning, double evening, double gain, boolean swarm) {
    }

    /** Readings of one hive, in grams, an hour apart. */
    static class Hive {
        final String id;
        final LocalDate since;
        private int[] grams = new int[1024];
        private int count;

        Hive(String id, LocalDate since) {
            this.id = id;
            this.since = since;
        }

        void add(int weight) {
            if (count == grams.length) {
                grams = java.util.Arrays.copyOf(grams, count * 2);
            }
            grams[count++] = weight;
        }

        int hours() {
            return count;
        }

        /** The median of the five hours around, against wind and rain. */
        int smooth(int hour) {
            int[] window = new int[5];
            for (int i = 0; i < 5; i++) {
                window[i] = grams[Math.max(0, Math.min(count - 1, hour + i - 2))];
            }
            java.util.Arrays.sort(window);
            return window[2];
        }

        List<Day> days(int first, int last) {
            List<Day> days = new ArrayList<>();
            double before = smooth(Math.max(0, first * 24 - 3));
            for (int day = first; day < last && day * 24 + 23 < count; day++) {
                double morning = smooth(day * 24 + 6);
                double evening = smooth(day * 24 + 21);
                double lowest = Double.MAX_VALUE;
                for (int hour = 8; hour < 20; hour++) {
                    lowest = Math.min(lowest, smooth(day * 24 + hour));
                }
                days.add(new Day(since.plusDays(day), morning, evening, evening - before, morning - lowest > 1500));
                before = evening;
            }
            return days;
        }
    }

    /** All hives; the scales report into it while the pages read. */
    static class Apiary {
        private final Map<String, Hive> hives = new HashMap<>();
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private final Map<String, String> pages = new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > 40;
            }
        };

        void load(int count, int years) {
            LocalDate since = LocalDate.of(2025, 1, 1).minusYears(years);
            for (int h = 0; h < count; h++) {
                Random random = new Random(h);
                Hive hive = new Hive("H" + h, since);
                double weight = 28_000 + random.nextInt(6000);
                for (int hour = 0; hour < years * 365 * 24; hour++) {
                    double season = Math.sin((hour / 24 % 365 - 80) / 58.0);
                    boolean daylight = hour % 24 > 6 && hour % 24 < 21;
                    weight += daylight ? 14 * season - 1 : -6 - 5 * Math.max(0, season);
                    weight = Math.max(21_000, weight - (random.nextInt(4000) == 0 ? 1900 : 0));
                    hive.add((int) (weight + random.nextGaussian() * 120));
                }
                hives.put(hive.id, hive);
            }
        }

        /** New readings of every scale; called by the radio's thread. */
        void report(Random random) {
            lock.writeLock().lock();
            try {
                for (Hive hive : hives.values()) {
                    hive.add(hive.smooth(hive.hours() - 1) + random.nextInt(200) - 100);
                }
            } finally {
                lock.writeLock().unlock();
            }
        }

        String yearPage(String id, int year) {
            lock.readLock().lock();
            try {
                Hive hive = hives.get(id);
                if (hive == null) {
                    return null;
                }
                int first = (int) (LocalDate.of(year, 1, 1).toEpochDay() - hive.since.toEpochDay());
                return first < 0 ? null : render(hive, hive.days(first, first + 365));
            } finally {
                lock.readLock().unlock();
            }
        }

        /** Past years do not change, so their totals are kept. */
        String totals(String id, int year) {
            synchronized (pages) {
                return pages.computeIfAbsent(id + "/" + year, key -> {
                    Hive hive = hives.get(id);
                    if (hive == null) {
                        return "null";
                    }
                    int first = (int) (LocalDate.of(year, 1, 1).toEpochDay() - hive.since.toEpochDay());
                    double gain = first < 0 ? 0 : hive.days(first, first + 365).stream().mapToDouble(Day::gain).filter(g -> g > 0).sum();
                    return kilos(gain);
                });
            }
        }

        private String render(Hive hive, List<Day> days) {
            StringBuilder json = new StringBuilder(1 << 16).append("{\"hive\":\"").append(hive.id).append("\",\"days\":[");
            String comma = "";
            for (Day day : days) {
                json.append(comma).append("{\"date\":\"").append(DAY.format(day.date())).append("\",\"morning\":").append(kilos(day.morning()))
                        .append(",\"evening\":").append(kilos(day.evening())).append(",\"gain\":").append(kilos(day.gain()))
                        .append(",\"swarm\":").append(day.swarm()).append('}');
                comma = ",";
            }
            return json.append("]}").toString();
        }

        private static String kilos(double grams) {
            return BigDecimal.valueOf(grams).movePointLeft(3).setScale(2, RoundingMode.HALF_EVEN).toPlainString();
        }
    }

    private final Apiary apiary;

    App(Apiary apiary) {
        this.apiary = apiary;
    }

    void hives(HttpExchange exchange) throws IOException {
        URI uri = exchange.getRequestURI();
        String[] path = uri.getPath().substring(1).split("/");
        int year = path.length > 2 && path[2].matches("\\d{4}") ? Integer.parseInt(path[2]) : 2024;
        if (path.length < 2) {
            send(exchange, 404, "{}");
        } else if ("totals".equals(uri.getQuery())) {
            send(exchange, 200, "{\"honey\":" + apiary.totals(path[1], year) + "}");
        } else {
            String page = apiary.yearPage(path[1], year);
            send(exchange, page == null ? 404 : 200, page == null ? "{\"error\":\"no such hive or year\"}" : page);
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        Apiary apiary = new Apiary();
        apiary.load(120, 4);
        ScheduledExecutorService radio = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread thread = new Thread(r, "radio");
            thread.setDaemon(true);
            return thread;
        });
        Random noise = new Random(9);
        radio.scheduleAtFixedRate(() -> apiary.report(noise), 1, 1, TimeUnit.SECONDS);
        App app = new App(apiary);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, 200, "\"ok\""));
        server.createContext("/hives", app::hives);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
