import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Weighbridge at the quarry gate: weighs road trains and issues tickets. */
public class App {
    private static final Pattern PLATE = Pattern.compile("[A-Z0-9-]{4,10}");

    private final Ledger ledger;
    private final AtomicLong next = new AtomicLong(70_000);

    App(Ledger ledger) {
        this.ledger = ledger;
    }

    void weigh(HttpExchange ex) throws IOException {
        if (!ex.getRequestMethod().equals("POST")) {
            send(ex, 405, "{\"error\":\"use POST\"}");
            return;
        }
        String plate = ex.getRequestURI().getPath().substring("/weighings/".length());
        if (!PLATE.matcher(plate).matches()) {
            send(ex, 400, "{\"error\":\"plate\"}");
            return;
        }
        Ledger.Ticket ticket = new Ledger.Ticket("W" + next.incrementAndGet(), plate, scale(26));
        ledger.write(ticket);
        send(ex, 201, "{\"ticket\":\"" + ticket.number() + "\",\"kg\":" + ticket.total() + "}");
    }

    void ticket(HttpExchange ex) throws IOException {
        String number = ex.getRequestURI().getPath().substring("/tickets/".length());
        List<String> lines = number.matches("W\\d+") ? ledger.read(number) : List.of();
        if (lines.isEmpty()) {
            send(ex, 404, "{\"error\":\"no such ticket\"}");
        } else {
            send(ex, 200, "{\"lines\":" + lines.size() + ",\"last\":\"" + lines.get(lines.size() - 1) + "\"}");
        }
    }

    private static List<Ledger.Axle> scale(int axles) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        List<Ledger.Axle> list = new ArrayList<>();
        for (int i = 1; i <= axles; i++) {
            list.add(new Ledger.Axle(i, 3800 + random.nextInt(700), 3800 + random.nextInt(700)));
        }
        return list;
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
        App app = new App(new Ledger(Path.of("ledger")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 100);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"up\":true}"));
        server.createContext("/weighings/", app::weigh);
        server.createContext("/tickets/", app::ticket);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
