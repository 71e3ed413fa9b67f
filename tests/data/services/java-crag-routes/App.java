import static spark.Spark.get;
import static spark.Spark.ipAddress;
import static spark.Spark.port;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.HashMap;
import java.util.Map;

public class App {

    static class Guide {
        private final Map<String, String> last = new HashMap<>();
        private final String base;

        Guide(String base) {
            this.base = base;
        }

        synchronized String route(String number) throws IOException {
            String weather = read("/weather/" + number);
            String before = last.put(number, weather);
            return "{\"now\":" + weather + ",\"changed\":" + !weather.equals(before) + "}";
        }

        private String read(String path) throws IOException {
            try (InputStream in = new URL(base + path).openStream()) {
                return new String(in.readAllBytes());
            }
        }
    }

    public static void main(String[] args) {
        Guide guide = new Guide("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        get("/healthz", (request, response) -> "ok");
        get("/routes/:number", (request, response) -> guide.route(request.params("number")));
    }
}
