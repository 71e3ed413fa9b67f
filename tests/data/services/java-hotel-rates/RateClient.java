import java.io.IOException;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.util.EntityUtils;

/** Talks to the channel manager, which has the rates of all our hotels. */
class RateClient {
    private final String base;
    private final CloseableHttpClient http;

    RateClient(String base) {
        this.base = base;
        PoolingHttpClientConnectionManager connections = new PoolingHttpClientConnectionManager();
        connections.setMaxTotal(64);
        connections.setValidateAfterInactivity(5000);
        RequestConfig config = RequestConfig.custom()
                .setConnectTimeout(2000)
                .setSocketTimeout(4000)
                .setConnectionRequestTimeout(10_000)
                .build();
        this.http = HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(config)
                .disableCookieManagement()
                .build();
    }

    int cents(String hotel, String room, String night) throws IOException {
        HttpGet get = new HttpGet(base + "/rate?hotel=" + hotel + "&room=" + room + "&night=" + night);
        try (CloseableHttpResponse response = http.execute(get)) {
            return Integer.parseInt(EntityUtils.toString(response.getEntity()).trim());
        }
    }
}
