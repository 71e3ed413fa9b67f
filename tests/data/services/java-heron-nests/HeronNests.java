import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Heron colonies: the nests of a season, counted by volunteers. */
public class HeronNests {

    record Visit(int nest, int day, int eggs, int chicks, double weight) {
    }

    record Season(int nest, int visits, int eggs, int fledged, double growth) {
    }

    /** The counts of all colonies. */
    static class Counts {
        private final Map<Integer, List<Visit>> byColony = new HashMap<>();

        Counts(int colonies, int nests) {
            for (int colony = 1; colony <= colonies; colony++) {
                List<Visit> visits = new ArrayList<>();
                for (int nest = 1; nest <= nests; nest++) {
                    for (int day = 70 + nest % 5; day < 190; day += 8) {
                        int eggs = day < 110 ? 2 + (nest + colony) % 4 : 0;
                        int chicks = day >= 110 ? Math.max(0, 2 + (nest + colony) % 4 - (day - 110) / 40) : 0;
                        visits.add(new Visit(nest, day, eggs, chicks, chicks * 1500 / (1 + Math.exp((130 - day) / 9.0))));
                    }
                }
                byColony.put(colony, visits);
            }
        }

        List<Season> season(int colony) {
            Map<Integer, List<Visit>> byNest = new LinkedHashMap<>();
            for (Visit visit : byColony.get(colony)) {
                byNest.computeIfAbsent(visit.nest, n -> new ArrayList<>()).add(visit);
            }
            List<Season> seasons = new ArrayList<>();
            byNest.forEach((nest, visits) -> seasons.add(new Season(nest, visits.size(),
                    visits.stream().mapToInt(Visit::eggs).max().orElse(0),
                    visits.get(visits.size() - 1).chicks, growth(visits))));
            seasons.sort(Comparator.comparingDouble(Season::growth).reversed().thenComparingInt(Season::nest));
            return seasons;
        }

        /** Grams a day, as the slope of the line through the weights. */
        private static double growth(List<Visit> visits) {
            double n = 0;
            double x = 0;
            double y = 0;
            double xx = 0;
            double xy = 0;
            for (Visit v : visits) {
                if (v.chicks > 0) {
                    n++;
                    x += v.day;
                    y += v.weight;
                    xx += (double) v.day * v.day;
                    xy += v.day * v.weight;
                }
            }
            double spread = n * xx - x * x;
            return spread == 0 ? 0 : (n * xy - x * y) / spread;
        }

        boolean has(int colony) {
            return byColony.containsKey(colony);
        }
    }

    /** The rain of yesterday; kept until the next look of the clock. */
    static class Rain {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final Map<Integer, Double> known = new HashMap<>();
        private final String base;

        Rain(String base) {
            this.base = base;
        }

        synchronized double at(int colony) {
            return known.computeIfAbsent(colony, this::ask);
        }

        synchronized void forget() {
            known.clear();
        }

        private double ask(int colony) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/rain/" + colony)).timeout(Duration.ofSeconds(2)).build();
            try {
                return Double.parseDouble(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
            } catch (IOException e) {
                return 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        }
    }

    private final Counts counts = new Counts(60, 640);
    private final ReentrantLock tally = new ReentrantLock();
    private final Map<Integer, Integer> looks = new HashMap<>();
    private final Rain rain;

    HeronNests(Rain rain) {
        this.rain = rain;
        for (int colony = 1; colony <= 60; colony++) {
            for (int round = 0; round < 8; round++) {
                json(colony, counts.season(colony), 0);
            }
        }
    }

    void colony(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        int colony = path.length > 2 && path[2].matches("\\d{1,4}") ? Integer.parseInt(path[2]) : 0;
        if (!counts.has(colony)) {
            send(ex, 404, "{\"error\":\"no such colony\"}");
            return;
        }
        tally.lock();
        try {
            looks.merge(colony, 1, Integer::sum);
        } finally {
            tally.unlock();
        }
        send(ex, 200, json(colony, counts.season(colony), rain.at(colony)));
    }

    static String json(int colony, List<Season> seasons, double millimetres) {
        StringBuilder out = new StringBuilder("{\"colony\":").append(colony).append(",\"rain\":").append(millimetres).append(",\"nests\":[");
        for (Season s : seasons) {
            out.append(out.charAt(out.length() - 1) == '[' ? "" : ",").append("{\"nest\":").append(s.nest)
                    .append(",\"visits\":").append(s.visits).append(",\"eggs\":").append(s.eggs)
                    .append(",\"fledged\":").append(s.fledged).append(",\"gramsADay\":")
                    .append(Math.round(s.growth * 100) / 100.0).append('}');
        }
        return out.append("]}").toString();
    }

    void busiest(HttpExchange ex) throws IOException {
        tally.lock();
        try {
            send(ex, 200, "{\"looks\":" + looks.values().stream().mapToInt(Integer::intValue).sum() + "}");
        } finally {
            tally.unlock();
        }
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
        Rain rain = new Rain("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        HeronNests nests = new HeronNests(rain);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "rain-clock");
            thread.setDaemon(true);
            return thread;
        });
        clock.scheduleAtFixedRate(rain::forget, 2, 2, TimeUnit.SECONDS);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/colonies/", nests::colony);
        server.createContext("/looks", nests::busiest);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
