import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What a kilowatt hour costs at the moment, in cents. */
class EnergyPrices {

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    EnergyPrices(String base) {
        this.base = base;
    }

    double now(String fuel) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/spot?fuel=" + fuel)).timeout(Duration.ofSeconds(3)).build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("no price for " + fuel + ": " + answer.statusCode());
        }
        return Double.parseDouble(answer.body().trim());
    }
}
