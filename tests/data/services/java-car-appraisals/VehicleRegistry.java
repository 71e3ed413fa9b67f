import com.google.gson.Gson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.util.EntityUtils;

/** What the authorities know about a car. */
class VehicleRegistry {

    record Accident(int year, int severity) {
    }

    record History(String vin, String make, int year, int owners, List<Accident> accidents) {
        int worst() {
            return accidents.stream().mapToInt(Accident::severity).max().orElse(0);
        }
    }

    private final CloseableHttpClient http;
    private final String base;
    private final Gson gson;

    VehicleRegistry(String base, Gson gson) {
        this.base = base;
        this.gson = gson;
        PoolingHttpClientConnectionManager connections = new PoolingHttpClientConnectionManager();
        connections.setMaxTotal(100);
        connections.setValidateAfterInactivity(5_000);
        RequestConfig timeouts = RequestConfig.custom()
                .setConnectTimeout(1_000)
                .setSocketTimeout(3_000)
                .build();
        this.http = HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(timeouts)
                .disableCookieManagement()
                .setUserAgent("appraisals/2.3")
                .build();
    }

    History history(String vin) throws IOException {
        try (CloseableHttpResponse response = http.execute(new HttpGet(base + "/vehicles/" + vin))) {
            String body = EntityUtils.toString(response.getEntity(), StandardCharsets.UTF_8);
            int status = response.getStatusLine().getStatusCode();
            if (status != 200) {
                throw new IOException("registry: " + status);
            }
            return gson.fromJson(body, History.class);
        }
    }
}
