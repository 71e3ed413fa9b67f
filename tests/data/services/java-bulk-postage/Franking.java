package franking;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** Bulk postage: mailings are charged to an account and announced to the carrier. */
public final class Franking {
    private static final Gson GSON = new Gson();
    private static final Map<String, Double> ZONES = Map.of("local", 0.8, "national", 1.0, "abroad", 1.9);
    private static final int[][] RATES = {{20, 61}, {50, 72}, {100, 98}, {250, 143}, {750, 221}};

    record Mailing(int pieces, int grams, String zone, String clazz) {
        int price() {
            for (int[] rate : RATES) {
                if (grams <= rate[0]) {
                    double discount = pieces >= 1000 ? 0.78 : pieces >= 250 ? 0.86 : 1.0;
                    double speed = "first".equals(clazz) ? 1.35 : 1.0;
                    return (int) Math.round(pieces * rate[1] * ZONES.get(zone) * speed * discount);
                }
            }
            throw new IllegalArgumentException("too heavy");
        }
    }

    static final class Body {
        int pieces;
        int grams;
        String zone;
        @com.google.gson.annotations.SerializedName("class")
        String clazz;
    }

    /** The carrier is told of each mailing before it is brought. */
    static final class Carrier {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2)).build();
        private final URI notices;

        Carrier(String base) {
            notices = URI.create(base + "/notices");
        }

        String announce(String account, Mailing mailing) throws IOException {
            String notice = GSON.toJson(Map.of("sender", account, "pieces", mailing.pieces(), "zone", mailing.zone()));
            HttpRequest request = HttpRequest.newBuilder(notices).timeout(Duration.ofSeconds(4))
                    .POST(HttpRequest.BodyPublishers.ofString(notice)).build();
            try {
                return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }

    private final Accounts accounts;

    Franking(Accounts accounts) {
        this.accounts = accounts;
    }

    void mail(HttpServerExchange exchange) throws IOException {
        String account = exchange.getQueryParameters().get("account").getFirst();
        Mailing mailing;
        try {
            String text = new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Body body = GSON.fromJson(text, Body.class);
            if (body.pieces < 1 || !ZONES.containsKey(String.valueOf(body.zone))) {
                send(exchange, 422, Map.of("error", "pieces or zone"));
                return;
            }
            mailing = new Mailing(body.pieces, body.grams, body.zone, body.clazz);
        } catch (JsonSyntaxException | NullPointerException e) {
            send(exchange, 400, Map.of("error", "not a mailing"));
            return;
        }
        try {
            send(exchange, 201, accounts.charge(account, mailing));
        } catch (Accounts.Unknown e) {
            send(exchange, 404, Map.of("error", "no account " + account));
        } catch (IllegalArgumentException e) {
            send(exchange, 422, Map.of("error", e.getMessage()));
        }
    }

    void quote(HttpServerExchange exchange) {
        int pieces = Integer.parseInt(exchange.getQueryParameters().get("pieces").getFirst());
        Mailing mailing = new Mailing(pieces, 50, "national", "second");
        send(exchange, 200, Map.of("pieces", pieces, "pence", mailing.price()));
    }

    void balance(HttpServerExchange exchange) {
        String account = exchange.getQueryParameters().get("account").getFirst();
        try {
            send(exchange, 200, Map.of("account", account, "pence", accounts.balance(account)));
        } catch (Accounts.Unknown e) {
            send(exchange, 404, Map.of("error", "no account " + account));
        }
    }

    static void send(HttpServerExchange exchange, int status, Object body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(GSON.toJson(body));
    }

    public static void main(String[] args) {
        Carrier carrier = new Carrier("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Franking franking = new Franking(new Accounts(carrier));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2).setWorkerThreads(32)
                .setHandler(Handlers.routing()
                        .get("/healthz", exchange -> send(exchange, 200, Map.of("status", "ok")))
                        .get("/quotes/{pieces}", franking::quote)
                        .get("/accounts/{account}", new BlockingHandler(franking::balance))
                        .post("/accounts/{account}/mailings", new BlockingHandler(franking::mail)))
                .build().start();
    }
}
