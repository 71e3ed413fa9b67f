import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The card processor. */
class CardPayments {
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    CardPayments(URI base) {
        this.base = base;
    }

    String charge(long member, int cents) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/charges/" + member + "?cents=" + cents))
                .timeout(Duration.ofSeconds(5))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
