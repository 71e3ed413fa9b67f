import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.Executors;

/** Room offers for the booking pages of a few hotels. */
public class App {
    private static final Map<String, String> HOTELS = Map.of(
            "harbour", "Harbour Hotel", "station", "Grand Station Hotel", "dunes", "Dunes Lodge");
    private static final Map<String, Integer> BREAKFAST = Map.of("harbour", 1400, "station", 1750, "dunes", 1200);

    private final RateClient rates;

    App(RateClient rates) {
        this.rates = rates;
    }

    void offer(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        if (path.length != 5 || !HOTELS.containsKey(path[2]) || !path[3].matches("single|double|suite")) {
            send(ex, 404, "{\"error\":\"no such room\"}");
            return;
        }
        LocalDate night;
        try {
            night = LocalDate.parse(path[4]);
        } catch (DateTimeParseException e) {
            send(ex, 400, "{\"error\":\"night\"}");
            return;
        }
        int cents = rates.cents(path[2], path[3], night.toString());
        int breakfast = BREAKFAST.get(path[2]) * (path[3].equals("single") ? 1 : 2);
        send(ex, 200, String.format("{\"hotel\":\"%s\",\"room\":\"%s\",\"night\":\"%s\",\"rate\":%d,\"with_breakfast\":%d}",
                HOTELS.get(path[2]), path[3], night, cents, cents + breakfast));
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
        App app = new App(new RateClient("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 100);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"up\":true}"));
        server.createContext("/offers/", app::offer);
        server.createContext("/hotels", ex -> send(ex, 200, "{\"hotels\":" + HOTELS.size() + "}"));
        server.setExecutor(Executors.newFixedThreadPool(48));
        server.start();
    }
}
