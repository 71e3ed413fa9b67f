import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class App {

    record Gate(String name, long passages, long cents) {
        String json() {
            return "{\"gate\":\"" + name + "\",\"passages\":" + passages + ",\"cents\":" + cents + "}";
        }
    }

    static class Rates {
        private static final Pattern CENTS = Pattern.compile("\"cents\": (\\d+)");
        private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String base;

        Rates(String base) {
            this.base = base;
        }

        long current(String gate) {
            try {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create(base + "/rates/" + gate)).build(),
                        HttpResponse.BodyHandlers.ofString());
                Matcher m = CENTS.matcher(answer.body());
                return m.find() ? Long.parseLong(m.group(1)) : 0;
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("no rate for " + gate, e);
            }
        }
    }

    static class Tolls {
        private final ConcurrentHashMap<String, Gate> gates = new ConcurrentHashMap<>();
        private final Rates rates;

        Tolls(Rates rates) {
            this.rates = rates;
        }

        Gate pass(String name) {
            return gates.compute(name, (key, gate) -> {
                long cents = rates.current(key);
                return gate == null
                        ? new Gate(key, 1, cents)
                        : new Gate(key, gate.passages() + 1, gate.cents() + cents);
            });
        }
    }

    static void answer(HttpExchange exchange, String text) throws IOException {
        byte[] bytes = text.getBytes();
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    public static void main(String[] args) throws IOException {
        Tolls tolls = new Tolls(new Rates("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 100);
        server.createContext("/healthz", ex -> answer(ex, "ok"));
        server.createContext("/tolls/", ex -> {
            String gate = ex.getRequestURI().getPath().substring("/tolls/".length());
            answer(ex, tolls.pass(gate).json());
        });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
