package cellar;

import com.google.gson.Gson;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A winery's cellar book, with the labels for what is bottled to order. */
public class App {

    record Wine(String id, String name, String grape, int vintage, double alcohol, String slope) {
    }

    record Bottle(String name, int milliliters, int labelWidth, int labelHeight) {
    }

    static class NotFound extends RuntimeException {
        NotFound(String what) {
            super(what);
        }
    }

    static class Cellar {
        private static final String[] GRAPES = {"Riesling", "Silvaner", "Pinot Noir", "Merlot", "Chasselas"};
        private static final String[] SLOPES = {"Kirchberg", "Sonnenhang", "Steinacker"};
        private final Map<String, Wine> wines = new TreeMap<>();
        private final Map<String, Bottle> bottles = Map.of(
                "half", new Bottle("half", 375, 60, 80),
                "standard", new Bottle("standard", 750, 80, 100),
                "magnum", new Bottle("magnum", 1500, 100, 130));

        Cellar() {
            for (int i = 0; i < 120; i++) {
                String grape = GRAPES[i % GRAPES.length];
                String slope = SLOPES[i % SLOPES.length];
                wines.put("w-" + i, new Wine("w-" + i, slope + " " + grape, grape, 2012 + i % 11, 11.5 + i % 6 * 0.5, slope));
            }
        }

        Wine wine(String id) {
            Wine wine = wines.get(id);
            if (wine == null) {
                throw new NotFound("wine " + id);
            }
            return wine;
        }

        Bottle bottle(String name) {
            Bottle bottle = bottles.get(name);
            if (bottle == null) {
                throw new NotFound("bottle " + name);
            }
            return bottle;
        }

        List<Wine> of(String grape) {
            return wines.values().stream().filter(w -> grape == null || w.grape().equals(grape)).toList();
        }
    }

    /** What may take longer than an I/O thread has: two threads as a rule, up to 32 when much is asked for. */
    static class BackgroundWork {
        private static final int USUAL = 2;
        private static final int MOST = 32;

        static ExecutorService labelWork() {
            AtomicInteger number = new AtomicInteger();
            ThreadPoolExecutor executor = new ThreadPoolExecutor(USUAL, MOST, 60, TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    task -> new Thread(task, "label-work-" + number.incrementAndGet()));
            executor.prestartCoreThread();
            return executor;
        }
    }

    /** Labels as SVG: the words are ours, the typesetting is the print shop's. */
    static class Labels {
        private final HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .build();
        private final URI typesetter;

        Labels(URI typesetter) {
            this.typesetter = typesetter;
        }

        String words(Wine wine, Bottle bottle) {
            return String.join("\n",
                    wine.name().toUpperCase(),
                    String.valueOf(wine.vintage()),
                    String.format("%.1f %% vol   %d ml", wine.alcohol(), bottle.milliliters()),
                    "bottled at the estate",
                    wine.vintage() > 2018 ? "contains sulphites" : "contains sulphites, may throw a deposit");
        }

        String render(Wine wine, Bottle bottle) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(typesetter)
                    .timeout(Duration.ofSeconds(4))
                    .POST(HttpRequest.BodyPublishers.ofString(words(wine, bottle)))
                    .build();
            HttpResponse<String> page = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (page.statusCode() != 200) {
                throw new IOException("typesetter: " + page.statusCode());
            }
            String viewBox = " viewBox='0 0 " + bottle.labelWidth() + " " + bottle.labelHeight() + "'";
            return page.body().replaceFirst("<svg", "<svg" + viewBox);
        }
    }

    private final Cellar cellar = new Cellar();
    private final Labels labels;
    private final ExecutorService labelWork = BackgroundWork.labelWork();
    private final Gson gson = new Gson();

    App(Labels labels) {
        this.labels = labels;
    }

    private static String query(HttpServerExchange exchange, String name, String otherwise) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null || values.isEmpty() ? otherwise : values.getFirst();
    }

    private void json(HttpServerExchange exchange, Object body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(gson.toJson(body));
    }

    void wines(HttpServerExchange exchange) {
        json(exchange, cellar.of(query(exchange, "grape", null)));
    }

    void wine(HttpServerExchange exchange) {
        json(exchange, cellar.wine(query(exchange, "id", "")));
    }

    void vintages(HttpServerExchange exchange) {
        json(exchange, cellar.of(null).stream().collect(Collectors.groupingBy(Wine::vintage, TreeMap::new, Collectors.counting())));
    }

    void label(HttpServerExchange exchange) {
        Wine wine = cellar.wine(query(exchange, "id", ""));
        Bottle bottle = cellar.bottle(query(exchange, "bottle", "standard"));
        exchange.dispatch(labelWork, () -> {
            try {
                String svg = labels.render(wine, bottle);
                exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "image/svg+xml");
                exchange.getResponseSender().send(svg);
            } catch (IOException e) {
                exchange.setStatusCode(502).getResponseSender().send(String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                exchange.setStatusCode(503).endExchange();
            }
        });
    }

    static HttpHandler answering404(HttpHandler next) {
        return exchange -> {
            try {
                next.handleRequest(exchange);
            } catch (NotFound e) {
                exchange.setStatusCode(404).getResponseSender().send("no such " + e.getMessage());
            }
        };
    }

    public static void main(String[] args) {
        App app = new App(new Labels(URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/set")));
        RoutingHandler routes = Handlers.routing()
                .get("/health", exchange -> exchange.getResponseSender().send("ok"))
                .get("/wines", app::wines)
                .get("/wines/{id}", app::wine)
                .get("/wines/{id}/label", app::label)
                .get("/vintages", app::vintages);
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setHandler(answering404(routes))
                .build()
                .start();
    }
}
