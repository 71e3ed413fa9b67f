package toll;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Passages through the toll gates of a motorway: what to charge, and the last ones of each gate. */
public class TollApp extends AbstractVerticle {

    record Passage(long number, String gate, String plate, int axles, int cents) {
        JsonObject json() {
            return new JsonObject().put("number", number).put("gate", gate).put("plate", plate).put("axles", axles).put("cents", cents);
        }
    }

    static class Tariff {
        private static final int[] BY_AXLES = {0, 0, 420, 610, 930, 1180};
        private final Map<String, Double> factors = new HashMap<>(Map.of("A12", 1.0, "A13", 1.15, "B2", 0.8, "B7", 0.9));

        boolean knows(String gate) {
            return factors.containsKey(gate);
        }

        int cents(String gate, int axles, boolean night) {
            double cents = BY_AXLES[Math.min(axles, BY_AXLES.length - 1)] * factors.get(gate);
            return (int) Math.round(night ? cents * 0.7 : cents);
        }
    }

    private static final Pattern PLATE = Pattern.compile("[A-Z]{1,3}-\\d{1,4}(-[A-Z]{1,2})?");
    private static final int REMEMBERED = 50;

    private final DeviceAccounts accounts;
    private final Tariff tariff = new Tariff();
    private final Map<String, Deque<Passage>> recent = new HashMap<>();
    private long lastNumber = 900_000;
    private boolean night;

    TollApp(DeviceAccounts accounts) {
        this.accounts = accounts;
    }

    @Override
    public void start(Promise<Void> started) {
        Router router = Router.router(vertx);
        router.get("/healthz").handler(ctx -> ctx.end("ok"));
        router.get("/tariff/:gate").handler(this::showTariff);
        router.route("/gates/:gate/*").handler(this::authorize);
        router.post("/gates/:gate/passages").handler(BodyHandler.create(false).setBodyLimit(4096)).handler(this::record);
        router.get("/gates/:gate/passages").handler(this::list);
        router.errorHandler(500, ctx -> ctx.response().setStatusCode(500).end("{\"error\":\"our fault\"}"));
        vertx.setPeriodic(60_000, timer -> night = java.time.LocalTime.now().getHour() < 5);
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(System.getenv("PORT"))))
                .requestHandler(router)
                .listen()
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private void authorize(RoutingContext ctx) {
        String device = ctx.queryParams().get("device");
        String gate = ctx.pathParam("gate");
        if (device == null || !tariff.knows(gate)) {
            ctx.fail(device == null ? 401 : 404);
            return;
        }
        try {
            boolean allowed = accounts.byDevice(device).map(account -> account.mayReportFor(gate)).orElse(false);
            if (allowed) {
                ctx.next();
            } else {
                ctx.fail(403);
            }
        } catch (IOException e) {
            ctx.fail(502, e);
        }
    }

    private void record(RoutingContext ctx) {
        JsonObject body;
        try {
            body = ctx.body().asJsonObject();
        } catch (DecodeException e) {
            ctx.fail(400);
            return;
        }
        String plate = body == null ? null : body.getString("plate");
        int axles = body == null ? 0 : body.getInteger("axles", 0);
        if (plate == null || !PLATE.matcher(plate).matches() || axles < 2) {
            ctx.fail(422);
            return;
        }
        String gate = ctx.pathParam("gate");
        Passage passage = new Passage(++lastNumber, gate, plate, axles, tariff.cents(gate, axles, night));
        Deque<Passage> last = recent.computeIfAbsent(gate, name -> new ArrayDeque<>());
        last.addFirst(passage);
        if (last.size() > REMEMBERED) {
            last.removeLast();
        }
        ctx.response().setStatusCode(201);
        ctx.json(passage.json());
    }

    private void list(RoutingContext ctx) {
        JsonArray passages = new JsonArray();
        recent.getOrDefault(ctx.pathParam("gate"), new ArrayDeque<>()).forEach(p -> passages.add(p.json()));
        ctx.json(passages);
    }

    private void showTariff(RoutingContext ctx) {
        String gate = ctx.pathParam("gate");
        if (!tariff.knows(gate)) {
            ctx.fail(404);
            return;
        }
        JsonObject prices = new JsonObject();
        for (int axles = 2; axles <= 5; axles++) {
            prices.put(axles + " axles", tariff.cents(gate, axles, night));
        }
        ctx.json(prices);
    }

    public static void main(String[] args) {
        DeviceAccounts accounts = new DeviceAccounts("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Vertx vertx = Vertx.vertx();
        vertx.deployVerticle(new TollApp(accounts)).onFailure(problem -> {
            problem.printStackTrace();
            vertx.close();
        });
    }
}
