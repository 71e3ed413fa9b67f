package bees;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** What an article costs today, with its stock and the freight to the customer's region. */
class Offers {

    record Stock(String article, int pieces, String depot, boolean bulky) {
    }

    record Offer(Catalogue.Article article, int pieces, String depot, int freightCents, int totalCents) {
    }

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final String warehouse;
    private final HttpClient http;
    private final HttpClient carriers;

    Offers(String warehouse) {
        this.warehouse = warehouse;
        AtomicInteger number = new AtomicInteger();
        ExecutorService workers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), work -> {
            Thread thread = new Thread(work, "offers-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .executor(workers)
                .build();
        carriers = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    CompletableFuture<Offer> offer(Catalogue.Article article, String region) {
        asked.computeIfAbsent(article.id(), id -> new AtomicInteger()).incrementAndGet();
        return http.sendAsync(get("/stock/" + article.id()), HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> stock(article, response))
                .thenApply(stock -> withFreight(article, stock, region));
    }

    private Stock stock(Catalogue.Article article, HttpResponse<String> response) {
        JsonNode node = tree(response.body());
        return new Stock(article.id(), node.path("pieces").asInt(), node.path("depot").asText("main"),
                article.grams() > 18_000 || node.path("bulky").asBoolean());
    }

    private Offer withFreight(Catalogue.Article article, Stock stock, String region) {
        int freight = article.cents() > 25_000 && !stock.bulky() ? 0 : freight(stock, article.grams(), region);
        return new Offer(article, stock.pieces(), stock.depot(), freight, article.cents() + freight);
    }

    /** The carrier's price of the day for a parcel from the depot to the region. */
    private int freight(Stock stock, int grams, String region) {
        HttpRequest request = get("/freight?depot=" + stock.depot() + "&region=" + region + "&grams=" + grams);
        try {
            HttpResponse<String> response = carriers.send(request, HttpResponse.BodyHandlers.ofString());
            int cents = tree(response.body()).path("cents").asInt(990);
            return stock.bulky() ? cents * 2 : cents;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonNode tree(String body) {
        try {
            return json.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpRequest get(String path) {
        return HttpRequest.newBuilder(URI.create(warehouse + path)).timeout(Duration.ofSeconds(8)).build();
    }
}
