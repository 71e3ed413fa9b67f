package tolls;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The national registry of vehicles, as far as tolls need it. */
public class VehicleRegistry {
    public record Vehicle(String plate, String category, int axles) {
    }

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();
    private final String base;

    public VehicleRegistry(String base) {
        this.base = base;
    }

    public Vehicle lookup(String plate) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/vehicles/" + plate))
                .timeout(Duration.ofSeconds(5)).header("Accept", "application/json").build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("registry answered " + response.statusCode());
        }
        JsonObject found = new JsonObject(response.body());
        return new Vehicle(plate, found.getString("class"), found.getInteger("axles"));
    }
}
