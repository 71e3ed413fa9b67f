import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.resilience4j.bulkhead.ThreadPoolBulkhead;
import io.github.resilience4j.bulkhead.ThreadPoolBulkheadConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Passports as the stud book has them, with the transfers that were made here since. */
class PassportService {

    record Passport(String chip, String name, String breed, int foaled, String sire, String dam, String owner,
                    List<String> vaccinations) {}

    private final StudBook book;
    private final Map<String, String> owners = new ConcurrentHashMap<>();
    // a stud book that hangs must not take the whole front with it
    private final ThreadPoolBulkhead bulkhead = ThreadPoolBulkhead.of("stud-book", ThreadPoolBulkheadConfig.custom()
            .keepAliveDuration(Duration.ofMillis(200))
            .queueCapacity(400)
            .build());

    PassportService(StudBook book) {
        this.book = book;
    }

    Passport passport(String chip) throws Exception {
        JsonNode entry = bulkhead.executeCallable(() -> book.entry(chip)).toCompletableFuture().get(15, TimeUnit.SECONDS);
        List<String> vaccinations = new ArrayList<>();
        entry.path("vaccinations").forEach(v -> vaccinations.add(v.path("kind").asText() + " " + v.path("on").asText()));
        return new Passport(chip, entry.path("name").asText(), entry.path("breed").asText(), entry.path("foaled").asInt(),
                entry.path("sire").asText(), entry.path("dam").asText(),
                owners.getOrDefault(chip, entry.path("owner").asText()), vaccinations);
    }

    void transfer(String chip, String owner) {
        owners.put(chip, owner);
    }
}

/** Client of the stud book's interface. */
class StudBook {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private final String base;

    StudBook(String base) {
        this.base = base;
    }

    JsonNode entry(String chip) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = http.send(
                HttpRequest.newBuilder(URI.create(base + "/horses/" + chip)).timeout(Duration.ofSeconds(5)).build(),
                HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new App.Refused(404, "not in the stud book");
        }
        return JSON.readTree(answer.body());
    }
}
