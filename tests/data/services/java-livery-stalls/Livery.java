import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A livery yard: horses that come for some nights are given a stall. */
public class Livery {
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"([^\"]*)\"|([\\d.]+))");
    private static final List<String> TEMPERS = List.of("calm", "lively", "stallion", "old");

    private final Fodder fodder = new Fodder();
    private final Yard yard;

    Livery(int rows, int perRow) {
        yard = new Yard(rows, perRow, fodder);
    }

    void assign(HttpExchange ex) throws IOException {
        String body = new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String horse = field(body, "horse", "");
        String temper = field(body, "temper", "calm");
        double hands = Double.parseDouble(field(body, "hands", "0"));
        int nights = Integer.parseInt(field(body, "nights", "1"));
        if (horse.isBlank() || !TEMPERS.contains(temper) || hands < 8 || hands > 19 || nights < 1) {
            send(ex, 422, "{\"error\":\"not a horse\"}");
            return;
        }
        Yard.Choice choice = yard.assign(horse, hands, temper, nights);
        if (choice == null) {
            send(ex, 409, "{\"error\":\"no stall is free\"}");
        } else {
            int bales = fodder.orderIfLow();
            send(ex, 201, String.format(Locale.ROOT, "{\"horse\":\"%s\",\"stall\":%d,\"score\":%.2f,\"bales\":%d}",
                    horse, choice.stall(), choice.score(), bales));
        }
    }

    void stall(HttpExchange ex) throws IOException {
        String digits = ex.getRequestURI().getPath().replaceAll("\\D", "");
        int number = digits.isEmpty() ? -1 : Integer.parseInt(digits);
        if (ex.getRequestURI().getPath().endsWith("/neighbours")) {
            send(ex, 200, yard.neighbours(number).stream().map(g -> '"' + g.horse() + '"').collect(Collectors.joining(",", "[", "]")));
            return;
        }
        Yard.Guest guest = yard.guest(number);
        send(ex, guest == null ? 404 : 200, guest == null ? "{\"error\":\"empty\"}"
                : "{\"horse\":\"" + guest.horse() + "\",\"temper\":\"" + guest.temper() + "\",\"leaves\":\"" + guest.leaves() + "\"}");
    }

    static String field(String body, String name, String other) {
        Matcher m = FIELD.matcher(body);
        while (m.find()) {
            if (m.group(1).equals(name)) {
                return m.group(2) != null ? m.group(2) : m.group(3);
            }
        }
        return other;
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
        Livery livery = new Livery(48, 40);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/stalls/assign", livery::assign);
        server.createContext("/stalls/", livery::stall);
        server.createContext("/free", ex -> send(ex, 200, "{\"free\":" + livery.yard.free() + "}"));
        server.createContext("/hay", ex -> send(ex, 200, livery.fodder.stock()));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
