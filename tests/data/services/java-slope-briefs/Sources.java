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

/** Services that the briefs are made of. */
class Sources {

    private record Kept(JsonNode value, long until) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(1)).build();
    private final Map<String, Kept> forecasts = new ConcurrentHashMap<>();
    private final String base;

    Sources(String base) {
        this.base = base;
    }

    CompletableFuture<JsonNode> weather(String valley, String day) {
        String key = valley + "/" + day;
        Kept kept = forecasts.get(key);
        if (kept != null && kept.until() > System.nanoTime()) {
            return CompletableFuture.completedFuture(kept.value());
        }
        return get("/weather/" + key).thenApply(value -> {
            forecasts.put(key, new Kept(value, System.nanoTime() + 1_500_000_000L));
            return value;
        });
    }

    CompletableFuture<JsonNode> lifts(String valley) {
        return get("/lifts/" + valley);
    }

    CompletableFuture<JsonNode> bulletin(String valley, String day) {
        return get("/avalanche/bulletins/" + valley + "?day=" + day + "&detail=full");
    }

    private CompletableFuture<JsonNode> get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(5)).build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()).thenApply(answer -> {
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(path + " answered " + answer.statusCode());
            }
            try {
                return JSON.readTree(answer.body());
            } catch (IOException problem) {
                throw new UncheckedIOException(problem);
            }
        });
    }
}
