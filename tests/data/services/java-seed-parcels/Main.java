package declarations;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parcels of seeds that go abroad: their dispatches and the declarations for the plant health office. */
public final class Main {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    record Line(String article, String species, String lot, String origin, String harvested, String grams, String price,
                String currency, String germination, String note) {
    }

    record Dispatch(String number, String receiver, String country, LocalDate leaves, List<Line> lines) {
    }

    static final class Dispatches {
        private static final String[] SPECIES = {"Daucus carota", "Beta vulgaris", "Lactuca  sativa", "Zea mays ", "Papaver somniferum",
            "Cucurbita pépo", "Allium cepa", "Phaseolus vulgaris"};
        private static final String[] CURRENCIES = {"EUR", "CHF", "GBP", "SEK"};
        private final Map<String, Dispatch> all = new LinkedHashMap<>();

        Dispatches(int count, int lines) {
            for (int d = 1; d <= count; d++) {
                List<Line> list = new ArrayList<>();
                for (int i = 0; i < lines; i++) {
                    int n = d * 7919 + i * 31;
                    list.add(new Line("a-" + n % 900 + "/" + i, SPECIES[n % SPECIES.length], "L" + n % 100000 + "-" + (n % 13),
                            (n % 2 == 0 ? "fr " : "IT") + n % 90, "2025-" + String.format("%02d", 6 + n % 5) + "-" + (10 + n % 18),
                            (5 + n % 4000) + (n % 3 == 0 ? "" : ".5"), (1 + n % 90) + "," + (10 + n % 89),
                            CURRENCIES[n % 4], (60 + n % 40) + "%", "Treated: " + (n % 5 == 0 ? "thiram <0.2 g>" : "none") + "; bag " + i));
                }
                all.put("D-" + d, new Dispatch("D-" + d, "Gärtnerei Nr. " + d, d % 2 == 0 ? "NO" : "CH", LocalDate.of(2026, 11, 1 + d % 28), list));
            }
        }

        Dispatch find(String number) {
            return all.get(number);
        }
    }

    static HttpHandler withDispatch(Dispatches dispatches, java.util.function.BiConsumer<HttpServerExchange, Dispatch> page) {
        return new BlockingHandler(exchange -> {
            Dispatch dispatch = dispatches.find(exchange.getQueryParameters().get("number").getFirst());
            if (dispatch == null) {
                exchange.setStatusCode(404);
                exchange.getResponseSender().send("{\"error\":\"no such dispatch\"}");
            } else {
                page.accept(exchange, dispatch);
            }
        });
    }

    static void send(HttpServerExchange exchange, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json; charset=utf-8");
        exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
    }

    public static void main(String[] args) {
        Dispatches dispatches = new Dispatches(60, 340);
        Declaration declaration = new Declaration(GSON);
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2).setWorkerThreads(12)
                .setHandler(Handlers.routing()
                        .get("/healthz", exchange -> send(exchange, "{\"status\":\"ok\"}"))
                        .get("/dispatches/{number}", withDispatch(dispatches, (exchange, d) -> send(exchange,
                                GSON.toJson(Map.of("number", d.number(), "receiver", d.receiver(), "lines", d.lines().size())))))
                        .get("/dispatches/{number}/declaration", withDispatch(dispatches, (exchange, d) -> send(exchange, declaration.of(d)))))
                .build().start();
    }
}
