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

/** Ferry bookings: the boarding manifest of a port for a week. */
public class App {

    static class Passenger {
        final long booking;
        final String name;
        final String deck;
        final Long[] legs;

        Passenger(long booking, String name, String deck, Long[] legs) {
            this.booking = booking;
            this.name = name;
            this.deck = deck;
            this.legs = legs;
        }
    }

    record Row(String key, Map<String, Object> fields) {
    }

    private final Map<String, List<Passenger>> sailings = new HashMap<>();

    App(int days) {
        String[] ports = {"oban", "mallaig", "ullapool"};
        long booking = 100_000_000L;
        for (int day = 1; day <= days; day++) {
            for (String port : ports) {
                List<Passenger> list = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    booking += 7;
                    Long[] legs = {booking * 3, booking * 3 + 1, booking * 3 + 2};
                    list.add(new Passenger(booking, "Passenger " + booking, "deck-" + (i % 4), legs));
                }
                sailings.put(port + "-" + day, list);
            }
        }
    }

    List<Row> rows(List<Passenger> passengers) {
        List<Row> rows = new ArrayList<>();
        for (Passenger p : passengers) {
            Map<String, Object> fields = new HashMap<>();
            fields.put("booking", p.booking);
            fields.put("name", p.name);
            fields.put("deck", p.deck);
            for (int leg = 0; leg < p.legs.length; leg++) {
                fields.put("leg" + leg, p.legs[leg]);
            }
            rows.add(new Row(p.deck + "/" + p.name, fields));
        }
        return rows;
    }

    String manifest(String port, int week) {
        List<Row> rows = new ArrayList<>();
        for (int day = week * 7 - 6; day <= week * 7; day++) {
            rows.addAll(rows(sailings.getOrDefault(port + "-" + day, List.of())));
        }
        Map<String, List<Row>> decks = new HashMap<>();
        for (Row row : rows) {
            decks.computeIfAbsent((String) row.fields().get("deck"), d -> new ArrayList<>()).add(row);
        }
        StringBuilder out = new StringBuilder("{\"port\":\"" + port + "\",\"week\":" + week);
        for (Map.Entry<String, List<Row>> deck : decks.entrySet()) {
            out.append(",\"").append(deck.getKey()).append("\":[");
            for (Row row : deck.getValue()) {
                out.append(row.fields().get("booking")).append(',');
            }
            out.setCharAt(out.length() - 1, ']');
        }
        return out.append('}').toString();
    }

    void show(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        if (path.length != 4 || !path[3].matches("\\d{1,2}") || !sailings.containsKey(path[2] + "-1")) {
            send(ex, 404, "{\"error\":\"no such week\"}");
            return;
        }
        send(ex, 200, manifest(path[2], Integer.parseInt(path[3])));
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
        App app = new App(Integer.parseInt(System.getProperty("ferry.days", "63")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 100);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"up\":true}"));
        server.createContext("/manifests/", app::show);
        server.createContext("/sailings", ex -> send(ex, 200, "{\"count\":" + app.sailings.size() + "}"));
        server.setExecutor(Executors.newFixedThreadPool(6));
        server.start();
    }
}
