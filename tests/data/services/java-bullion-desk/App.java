import static spark.Spark.awaitInitialization;
import static spark.Spark.exception;
import static spark.Spark.get;
import static spark.Spark.halt;
import static spark.Spark.ipAddress;
import static spark.Spark.port;
import static spark.Spark.post;
import static spark.Spark.threadPool;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import spark.Request;
import spark.Response;

/** The desk of a dealer in coins and bars: quotes, deals, and the day's prices. */
public class App {

    record Item(String metal, double grams, int pieces) {
    }

    record Wish(String customer, List<Item> items) {
    }

    record Answer(long quote, double total, double low, double high, String valid) {
    }

    /** What we hold of each metal and what that is worth now. */
    static class Vault implements PriceListener {
        private final Map<String, Double> grams = new ConcurrentHashMap<>(Map.of("gold", 41_200.0, "silver", 880_000.0, "platinum", 5_300.0));
        private final Map<String, Double> worth = new ConcurrentHashMap<>();

        @Override
        public void priceChanged(String metal, double perGram) {
            worth.put(metal, grams.getOrDefault(metal, 0.0) * perGram);
        }

        Map<String, Double> worth() {
            return worth;
        }
    }

    static class Desk {
        private final PriceBoard board;
        private final AtomicLong numbers = new AtomicLong(7000);
        private final Map<Long, Answer> deals = new ConcurrentHashMap<>();

        Desk(PriceBoard board) {
            this.board = board;
        }

        /** Quotes what the customer asks for, with the range that the total may move in while the quote is valid. */
        Answer quote(Wish wish) {
            Quote quote = new Quote(numbers.incrementAndGet(), wish.items(), board);
            quote.walk(40);
            for (Item item : wish.items()) {
                board.demand(item.metal(), item.grams() * item.pieces());
            }
            return quote.answer();
        }

        boolean close(long number, double total) {
            return deals.size() < 10_000 && deals.putIfAbsent(number, new Answer(number, total, total, total, "closed")) == null;
        }
    }

    private static final Gson GSON = new Gson();

    private static String json(Response response, int status, Object value) {
        response.status(status);
        response.type("application/json");
        return GSON.toJson(value);
    }

    private static Wish wish(Request request) {
        Wish wish = GSON.fromJson(request.body(), Wish.class);
        if (wish == null || wish.items() == null || wish.items().isEmpty() || wish.items().size() > 40) {
            throw halt(400, "{\"error\":\"items, please\"}");
        }
        return wish;
    }

    public static void main(String[] args) {
        PriceBoard board = new PriceBoard();
        Vault vault = new Vault();
        board.subscribe(vault);
        Desk desk = new Desk(board);
        Random market = new Random(4);
        Executors.newSingleThreadScheduledExecutor(r -> {
            Thread thread = new Thread(r, "market");
            thread.setDaemon(true);
            return thread;
        }).scheduleAtFixedRate(() -> board.move("gold", 1 + market.nextGaussian() * 0.0004), 1, 2, TimeUnit.SECONDS);

        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        threadPool(24, 4, 30_000);
        get("/healthz", (req, res) -> "ok");
        get("/prices", (req, res) -> json(res, 200, board.prices()));
        get("/vault", (req, res) -> json(res, 200, vault.worth()));
        post("/quotes", (req, res) -> json(res, 201, desk.quote(wish(req))));
        post("/quotes/:number/deal", (req, res) -> {
            Map<?, ?> body = GSON.fromJson(req.body(), Map.class);
            boolean closed = desk.close(Long.parseLong(req.params("number")), ((Number) body.get("total")).doubleValue());
            return json(res, closed ? 201 : 409, Map.of("closed", closed));
        });
        exception(JsonSyntaxException.class, (e, req, res) -> res.body(json(res, 400, Map.of("error", String.valueOf(e.getMessage())))));
        exception(IllegalArgumentException.class, (e, req, res) -> res.body(json(res, 400, Map.of("error", String.valueOf(e.getMessage())))));
        awaitInitialization();
    }
}
