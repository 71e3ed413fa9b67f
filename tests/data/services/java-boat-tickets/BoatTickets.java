import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tickets for cruises on the lake: seats are held while the guest pays, and come free if he does not. */
public class BoatTickets {
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"([^\"]*)\"|(\\d+))");
    private final Map<Integer, Cruise> cruises = new ConcurrentHashMap<>();

    BoatTickets(int count) {
        String[] boats = {"Seegras", "Amalia", "Old Rose", "Kormoran"};
        for (int i = 1; i <= count; i++) {
            cruises.put(i, new Cruise(i, boats[i % boats.length], 26 + i % 8));
        }
    }

    void cruises(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        if (path.length <= 2) {
            send(ex, 200, cruises.values().stream().map(Cruise::json).collect(Collectors.joining(",", "[", "]")));
            return;
        }
        Cruise cruise = path[2].matches("\\d{1,4}") ? cruises.get(Integer.parseInt(path[2])) : null;
        if (cruise == null) {
            send(ex, 404, "{\"error\":\"no such cruise\"}");
        } else if (path.length > 3 && path[3].equals("tickets") && ex.getRequestMethod().equals("POST")) {
            sell(ex, cruise);
        } else {
            send(ex, 200, cruise.json());
        }
    }

    private void sell(HttpExchange ex, Cruise cruise) throws IOException {
        String body = new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String name = field(body, "name");
        String deck = field(body, "deck");
        String wanted = field(body, "seats");
        if (name == null || deck == null || wanted == null || !Cruise.DECKS.contains(deck)) {
            send(ex, 422, "{\"error\":\"name, deck and seats\"}");
            return;
        }
        Cruise.Hold hold = cruise.hold(name, deck, Math.min(8, Integer.parseInt(wanted)));
        if (!pay(hold)) {
            cruise.release(hold);
            send(ex, 402, "{\"error\":\"not paid\"}");
            return;
        }
        String ticket = cruise.confirm(hold);
        send(ex, 201, "{\"ticket\":\"" + ticket + "\",\"seats\":" + hold.places() + ",\"comfort\":" + hold.comfort()
                + ",\"plan\":\"" + hold.planMark() + "\"}");
    }

    private static boolean pay(Cruise.Hold hold) {
        return hold.places().stream().allMatch(place -> place >= 0);
    }

    static String field(String body, String name) {
        Matcher m = FIELD.matcher(body);
        while (m.find()) {
            if (m.group(1).equals(name)) {
                return m.group(2) != null ? m.group(2) : m.group(3);
            }
        }
        return null;
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
        BoatTickets tickets = new BoatTickets(12);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/cruises", tickets::cruises);
        server.setExecutor(Executors.newFixedThreadPool(12));
        server.start();
    }
}
