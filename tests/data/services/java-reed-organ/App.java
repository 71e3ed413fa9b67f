import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class App {

    static class Organ {
        private static final List<String> PARTS = List.of("pipes", "bellows", "pedals", "stops", "trackers", "case");
        private final HttpClient http = HttpClient.newHttpClient();
        private final String base = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");

        String parts(String organ) throws IOException, InterruptedException {
            StringBuilder all = new StringBuilder("[");
            for (String part : PARTS) {
                all.append(all.length() > 1 ? "," : "").append(stock(organ, part));
            }
            return all.append("]").toString();
        }

        private String stock(String organ, String part) throws IOException, InterruptedException {
            URI at = URI.create(base + "/organs/" + organ + "/" + part);
            return http.send(HttpRequest.newBuilder(at).build(), HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    static void send(HttpExchange ex, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(200, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws Exception {
        Organ organ = new Organ();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/organs/", ex -> {
            try {
                send(ex, organ.parts(ex.getRequestURI().getPath().split("/")[2]));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        server.setExecutor((ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
        server.start();
    }
}
