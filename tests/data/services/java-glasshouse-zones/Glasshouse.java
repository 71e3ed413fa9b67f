import static spark.Spark.exception;
import static spark.Spark.get;
import static spark.Spark.halt;
import static spark.Spark.ipAddress;
import static spark.Spark.port;
import static spark.Spark.post;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import spark.Request;
import spark.Response;

/** Irrigation of a nursery's glasshouses: zones ask for water, the well gives so much a day. */
public class Glasshouse {

    private final Map<String, Zone> zones = new TreeMap<>();
    private final WaterBudget budget;

    Glasshouse(int count, double litersADay) {
        budget = new WaterBudget(litersADay);
        String[] crops = {"tomato", "fern", "orchid", "basil", "cyclamen"};
        for (int i = 0; i < count; i++) {
            Zone zone = new Zone("z" + (i + 1), crops[i % crops.length], 40 + i * 17 % 160, budget);
            zones.put(zone.id(), zone);
            budget.join(zone);
        }
    }

    private Zone zone(Request request) {
        Zone zone = zones.get(request.params(":id"));
        if (zone == null) {
            halt(404, "{\"error\":\"no such zone\"}");
        }
        return zone;
    }

    private static double number(Request request, String name, double or) {
        String text = request.queryParams(name);
        return text == null ? or : Double.parseDouble(text);
    }

    Object water(Request request, Response response) {
        Zone zone = zone(request);
        Zone.Run run = zone.water(number(request, "celsius", 22), number(request, "humidity", 60));
        response.status(run.liters() > 0 ? 201 : 200);
        return String.format("{\"zone\":\"%s\",\"liters\":%.2f,\"minutes\":%d,\"cycles\":%d}",
                zone.id(), run.liters(), run.minutes(), run.cycles());
    }

    Object show(Request request, Response response) {
        return zone(request).json();
    }

    Object all(Request request, Response response) {
        Collection<Zone> list = zones.values();
        return list.stream().map(Zone::json).collect(Collectors.joining(",", "[", "]"));
    }

    Object wellState(Request request, Response response) {
        return String.format("{\"left\":%.1f,\"granted\":%d}", budget.left(), budget.grants());
    }

    void serve(int port) {
        ipAddress("127.0.0.1");
        port(port);
        get("/alive", (q, a) -> "alive");
        post("/zones/:id/runs", this::water);
        get("/zones/:id", this::show);
        get("/zones", this::all);
        get("/well", this::wellState);
        exception(NumberFormatException.class, (problem, q, a) -> {
            a.status(400);
            a.body("{\"error\":\"not a number\"}");
        });
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "well-clock");
            thread.setDaemon(true);
            return thread;
        });
        clock.scheduleWithFixedDelay(budget::share, 2500, 1500, TimeUnit.MILLISECONDS);
    }

    public static void main(String[] args) {
        new Glasshouse(24, 5e7).serve(Integer.parseInt(System.getenv("PORT")));
    }
}
