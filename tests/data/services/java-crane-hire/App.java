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
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Crane hire: what the yards of a region have on a day, and which crane suits a lift. */
public class App {

    record Yard(String code, String town, double km) {}

    record Offer(String yard, String town, String model, double tonnes, double reach, double dayRate, double transport) {
        double total(int days) {
            return dayRate * days + transport;
        }

        String json(int days) {
            return String.format("{\"yard\":\"%s\",\"town\":\"%s\",\"model\":\"%s\",\"tonnes\":%.1f,\"reach\":%.1f,\"total\":%.2f}",
                    yard, town, model, tonnes, reach, total(days));
        }
    }

    record Lift(double tonnes, double reach, LocalDate from, int days) {
        static Lift of(Map<String, String> query) {
            return new Lift(Double.parseDouble(query.getOrDefault("tonnes", "20")),
                    Double.parseDouble(query.getOrDefault("reach", "12")),
                    LocalDate.parse(query.getOrDefault("from", "2024-05-06")),
                    Integer.parseInt(query.getOrDefault("days", "2")));
        }

        /** Heavier at a longer arm: what the crane must bear at its rated reach. */
        boolean suits(Offer offer) {
            double margin = 1.15;
            return offer.reach() >= reach && offer.tonnes() * Math.min(1.0, offer.reach() / (reach * 1.4)) >= tonnes * margin / 2;
        }
    }

    /** Each yard keeps its own stock list, served by the group's gateway. */
    static class Yards {
        private static final double TRANSPORT_PER_KM = 3.9;
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2)).build();
        private final String gateway;
        private final Map<String, List<Yard>> regions = new HashMap<>();

        Yards(String gateway) {
            this.gateway = gateway;
            String[] towns = {"Corby", "Goole", "Luton", "Stroud", "Wigan", "Derby", "Truro", "Crewe", "Hythe", "Ripon"};
            for (String region : List.of("north", "south", "mid")) {
                List<Yard> yards = new ArrayList<>();
                for (int i = 0; i < towns.length; i++) {
                    yards.add(new Yard(region.charAt(0) + "" + (i + 1), towns[(i + region.length()) % towns.length], 18 + i * 13 % 97));
                }
                regions.put(region, yards);
            }
        }

        List<Yard> of(String region) {
            return regions.getOrDefault(region, List.of());
        }

        List<Offer> stock(Yard yard, LocalDate day) throws IOException {
            HttpRequest request = HttpRequest.newBuilder(URI.create(gateway + "/yards/" + yard.code() + "/stock?day=" + day))
                    .timeout(Duration.ofSeconds(4)).build();
            try {
                HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    return List.of();
                }
                return answer.body().lines().map(line -> parse(yard, line.split(";"))).toList();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        private Offer parse(Yard yard, String[] cells) {
            return new Offer(yard.code(), yard.town(), cells[0], Double.parseDouble(cells[1]), Double.parseDouble(cells[2]),
                    Double.parseDouble(cells[3]), yard.km() * TRANSPORT_PER_KM);
        }
    }

    static class HireDesk {
        private final Yards yards;

        HireDesk(Yards yards) {
            this.yards = yards;
        }

        List<Offer> offers(String region, Lift lift) throws IOException {
            List<Offer> found = new ArrayList<>();
            for (Yard yard : yards.of(region)) {
                for (Offer offer : yards.stock(yard, lift.from())) {
                    if (lift.suits(offer)) {
                        found.add(offer);
                    }
                }
            }
            found.sort(Comparator.comparingDouble(o -> o.total(lift.days())));
            return found;
        }
    }

    private final HireDesk desk;
    private final Yards yards;

    App(Yards yards) {
        this.yards = yards;
        this.desk = new HireDesk(yards);
    }

    void regions(HttpExchange ex) throws IOException {
        String[] parts = ex.getRequestURI().getPath().split("/");
        if (parts.length < 4 || yards.of(parts[2]).isEmpty()) {
            send(ex, 404, "{\"error\":\"no such region\"}");
            return;
        }
        switch (parts[3]) {
            case "offers" -> {
                Lift lift = Lift.of(query(ex));
                List<Offer> offers = desk.offers(parts[2], lift);
                send(ex, 200, offers.stream().limit(12).map(o -> o.json(lift.days())).collect(Collectors.joining(",", "[", "]")));
            }
            case "yards" -> send(ex, 200, yards.of(parts[2]).stream()
                    .map(y -> "{\"code\":\"" + y.code() + "\",\"town\":\"" + y.town() + "\",\"km\":" + y.km() + "}")
                    .collect(Collectors.joining(",", "[", "]")));
            default -> send(ex, 404, "{\"error\":\"not found\"}");
        }
    }

    static Map<String, String> query(HttpExchange ex) {
        Map<String, String> values = new HashMap<>();
        String text = ex.getRequestURI().getQuery();
        for (String pair : text == null ? new String[0] : text.split("&")) {
            int at = pair.indexOf('=');
            if (at > 0) {
                values.put(pair.substring(0, at), pair.substring(at + 1));
            }
        }
        return values;
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
        App app = new App(new Yards("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/regions/", app::regions);
        server.setExecutor(Executors.newFixedThreadPool(20));
        server.start();
    }
}
