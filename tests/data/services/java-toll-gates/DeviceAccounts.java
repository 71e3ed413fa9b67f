package toll;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Client of the account office, shared by all services of the road operator. */
public class DeviceAccounts {

    public record Account(String device, Set<String> gates, long expires) {
        public boolean mayReportFor(String gate) {
            return gates.contains(gate) && expires > System.currentTimeMillis() / 1000;
        }
    }

    private final String office;

    public DeviceAccounts(String office) {
        this.office = office;
    }

    public Optional<Account> byDevice(String device) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(office + "/devices/" + device).openConnection();
        connection.setConnectTimeout(1_000);
        connection.setReadTimeout(3_000);
        connection.setRequestProperty("Accept", "application/json");
        if (connection.getResponseCode() == 404) {
            return Optional.empty();
        }
        try (InputStream in = connection.getInputStream()) {
            return Optional.of(account(new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8))));
        }
    }

    private static Account account(JsonObject json) {
        Set<String> gates = new HashSet<>();
        JsonArray names = json.getJsonArray("gates", new JsonArray());
        for (int i = 0; i < names.size(); i++) {
            gates.add(names.getString(i));
        }
        return new Account(json.getString("device"), gates, json.getLong("expires", 0L));
    }
}
