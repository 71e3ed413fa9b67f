import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPoolConfig;
import spark.Request;
import spark.Response;
import spark.Spark;

/** Bath house: a visitor gets a wrist band for a locker; bands live in the key-value store, lockers hear from the controller. */
public class Passes {
    private static final Gson GSON = new Gson();

    record Band(String code, String member, String area, int locker, long until) {}

    static class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    /** The controller in the cellar that programs the locks. */
    static class LockController {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String base;

        LockController(String base) {
            this.base = base;
        }

        int program(String area, String band) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/areas/" + area + "/lockers?band=" + band))
                    .timeout(Duration.ofSeconds(5)).POST(HttpRequest.BodyPublishers.noBody()).build();
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new Refused("no free locker in " + area);
            }
            return Integer.parseInt(answer.body().trim());
        }
    }

    static class BandDesk {
        private static final int VISIT_SECONDS = 4 * 3600;
        private final JedisPool store;
        private final LockController controller;
        private final AtomicLong bands = new AtomicLong(System.nanoTime() % 100_000);

        BandDesk(JedisPool store, LockController controller) {
            this.store = store;
            this.controller = controller;
        }

        Band issue(String member, String area) throws IOException, InterruptedException {
            try (Jedis redis = store.getResource()) {
                Map<String, String> record = redis.hgetAll("member:" + member);
                if ("blocked".equals(record.get("state"))) {
                    throw new Refused("membership is blocked");
                }
                String code = "W" + Long.toString(bands.incrementAndGet(), 36).toUpperCase();
                int locker = controller.program(area, code);
                Band band = new Band(code, member, area, locker, Instant.now().plusSeconds(VISIT_SECONDS).getEpochSecond());
                redis.setex("band:" + code, VISIT_SECONDS, GSON.toJson(band));
                redis.incr("visits:" + area);
                return band;
            }
        }

        Band band(String code) {
            try (Jedis redis = store.getResource()) {
                String text = redis.get("band:" + code);
                return text == null ? null : GSON.fromJson(text, Band.class);
            }
        }

        Map<String, Long> visits(List<String> areas) {
            Map<String, Long> visits = new TreeMap<>();
            try (Jedis redis = store.getResource()) {
                for (String area : areas) {
                    String count = redis.get("visits:" + area);
                    visits.put(area, count == null ? 0 : Long.parseLong(count));
                }
            }
            return visits;
        }
    }

    private final BandDesk desk;

    Passes(BandDesk desk) {
        this.desk = desk;
    }

    Object issue(Request req, Response res) throws Exception {
        JsonObject body = GSON.fromJson(req.body(), JsonObject.class);
        if (body == null || !body.has("member")) {
            throw new Refused("a member number is needed");
        }
        String area = body.has("area") ? body.get("area").getAsString() : "main";
        res.status(201);
        return desk.issue(body.get("member").getAsString(), area);
    }

    Object band(Request req, Response res) {
        Band band = desk.band(req.params("code"));
        if (band == null) {
            res.status(404);
            return Map.of("error", "no such band");
        }
        return band;
    }

    public static void main(String[] args) {
        String host = "127.0.0.1";
        int port = Integer.parseInt(System.getenv("UPSTREAM_PORT"));
        JedisPoolConfig config = new JedisPoolConfig();
        config.setMaxTotal(4);
        config.setMaxIdle(4);
        config.setMaxWait(Duration.ofSeconds(10));
        JedisPool store = new JedisPool(config, host, port, 3000);
        Passes passes = new Passes(new BandDesk(store, new LockController("http://" + host + ":" + port)));

        Spark.ipAddress(host);
        Spark.port(Integer.parseInt(System.getenv("PORT")));
        Spark.threadPool(40, 12, 30_000);
        Spark.before((req, res) -> res.type("application/json"));
        Spark.get("/healthz", (req, res) -> "\"ok\"");
        Spark.post("/bands", passes::issue, GSON::toJson);
        Spark.get("/bands/:code", passes::band, GSON::toJson);
        Spark.get("/visits", (req, res) -> passes.desk.visits(List.of("main", "sauna", "family")), GSON::toJson);
        Spark.exception(Refused.class, (e, req, res) -> {
            res.status(409);
            res.body(GSON.toJson(Map.of("error", e.getMessage())));
        });
    }
}
