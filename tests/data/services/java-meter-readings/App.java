import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes the quarter-hour readings that the gateways in the cellars deliver once a day. */
public class App {
    private final MeterStore store;
    private final AtomicInteger deliveries = new AtomicInteger();

    App(MeterStore store) {
        this.store = store;
    }

    record Reading(long meter, long time, double kwh) {
    }

    static List<Reading> parse(String body) {
        List<Reading> readings = new ArrayList<>();
        for (String line : body.split("[\\n;]")) {
            String[] fields = line.trim().split(",");
            if (fields.length < 3) {
                continue;
            }
            long meter = Long.parseLong(fields[0]);
            long time = Long.parseLong(fields[1]);
            for (int i = 2; i < fields.length; i++) {
                readings.add(new Reading(meter, time + (i - 2) * 900L, Double.parseDouble(fields[i])));
            }
        }
        return readings;
    }

    void deliver(HttpServerExchange exchange) throws IOException {
        String body = new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<Reading> readings;
        try {
            readings = parse(body);
        } catch (NumberFormatException e) {
            send(exchange, StatusCodes.BAD_REQUEST, "{\"error\":\"" + e.getMessage() + "\"}");
            return;
        }
        int stripe = deliveries.incrementAndGet() % store.stripes();
        double sum = 0;
        for (Reading reading : readings) {
            store.put(stripe, reading.meter(), reading.time(), reading.kwh());
            sum += reading.kwh();
        }
        send(exchange, StatusCodes.ACCEPTED, String.format("{\"accepted\":%d,\"kwh\":%.2f}", readings.size(), sum));
    }

    void last(HttpServerExchange exchange) {
        int stripe = Integer.parseInt(exchange.getQueryParameters().get("stripe").getFirst());
        send(exchange, StatusCodes.OK, "{\"kwh\":" + store.last(Math.floorMod(stripe, store.stripes())) + "}");
    }

    static void send(HttpServerExchange exchange, int status, String body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(body);
    }

    public static void main(String[] args) throws IOException {
        App app = new App(new MeterStore(Path.of("rings"), 16));
        RoutingHandler routes = new RoutingHandler()
                .get("/healthz", exchange -> send(exchange, StatusCodes.OK, "{\"status\":\"up\"}"))
                .get("/stripes/{stripe}/last", app::last)
                .post("/deliveries", new BlockingHandler(app::deliver));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(16)
                .setHandler(routes)
                .build()
                .start();
    }
}
