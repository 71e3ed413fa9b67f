import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.LocalDate;
import java.util.concurrent.CompletableFuture;

/** Cards as the front desk's register knows them. */
class MemberCards {

    record Card(String member, String level, LocalDate until) {

        static Card parse(String line) {
            String[] field = line.trim().split(";");
            return new Card(field[0], field[1], LocalDate.parse(field[2]));
        }
    }

    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    MemberCards(String base) {
        this.base = base;
    }

    Card find(String number) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/cards/" + number)).timeout(Duration.ofSeconds(3)).build();
        CompletableFuture<Card> card = client.sendAsync(request, BodyHandlers.ofString())
                .thenApply(answer -> {
                    if (answer.statusCode() != 200) {
                        throw new IllegalStateException("the desk answered " + answer.statusCode());
                    }
                    return Card.parse(answer.body());
                });
        return card.join();
    }
}
