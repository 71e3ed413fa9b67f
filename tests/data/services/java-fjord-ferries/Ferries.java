import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Ferry journeys along the fjords: the timetable of a quay, and journeys with changes. */
public class Ferries {

    record Sailing(String line, String from, String to, int departs, int arrives, int fare) {
    }

    static class Timetable {
        private final Map<String, List<Sailing>> byQuay = new HashMap<>();

        Timetable(int quays) {
            for (int q = 0; q < quays; q++) {
                for (int k = 1; k <= 7; k++) {
                    int to = (q + k * k) % quays;
                    for (int hour = 6 + (q + k) % 5; hour < 22; hour += 3) {
                        int departs = hour * 60 + (q * 7 + k * 13) % 60;
                        Sailing sailing = new Sailing("F" + (q * 7 + k), "Q" + q, "Q" + to, departs,
                                departs + 20 + k * 8, 40 + k * 15);
                        byQuay.computeIfAbsent("Q" + q, x -> new ArrayList<>()).add(sailing);
                    }
                }
            }
        }

        List<Sailing> from(String quay) {
            return byQuay.getOrDefault(quay, List.of());
        }
    }

    Timetable timetable = new Timetable(90);
    Planner planner = new Planner(timetable);

    void journeys(HttpExchange ex) throws IOException {
        Map<String, String> asked = query(ex);
        String from = asked.get("from");
        String to = asked.get("to");
        if (from == null || to == null || timetable.from(from).isEmpty() || timetable.from(to).isEmpty()) {
            send(ex, 400, "{\"error\":\"from and to must be quays\"}");
            return;
        }
        int legs = Math.min(6, Integer.parseInt(asked.getOrDefault("legs", "3")));
        List<Planner.Itinerary> found = planner.journeys(from, to, legs);
        send(ex, 200, found.stream().limit(8).map(Ferries::json)
                .collect(Collectors.joining(",", "{\"found\":" + found.size() + ",\"best\":[", "]}")));
    }

    static String json(Planner.Itinerary itinerary) {
        String legs = itinerary.legs().stream().map(Ferries::json).collect(Collectors.joining(","));
        return "{\"minutes\":" + itinerary.minutes() + ",\"fare\":" + itinerary.fare() + ",\"legs\":[" + legs + "]}";
    }

    static String json(Sailing s) {
        return String.format("{\"line\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"departs\":\"%02d:%02d\",\"arrives\":\"%02d:%02d\"}",
                s.line(), s.from(), s.to(), s.departs() / 60, s.departs() % 60, s.arrives() / 60, s.arrives() % 60);
    }

    void quay(HttpExchange ex) throws IOException {
        String quay = ex.getRequestURI().getPath().substring("/quays/".length());
        send(ex, 200, timetable.from(quay).stream().map(Ferries::json).collect(Collectors.joining(",", "[", "]")));
    }

    static Map<String, String> query(HttpExchange ex) {
        Map<String, String> asked = new HashMap<>();
        String query = ex.getRequestURI().getQuery();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            String[] kv = pair.split("=", 2);
            asked.put(kv[0], kv.length == 2 ? kv[1] : "");
        }
        return asked;
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
        Ferries ferries = new Ferries();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/journeys", ferries::journeys);
        server.createContext("/quays/", ferries::quay);
        server.setExecutor(Executors.newFixedThreadPool(6));
        server.start();
    }
}
