import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

public class App {

    static class Desk implements AutoCloseable {
        private final ExecutorService workers = Executors.newFixedThreadPool(3);
        private final HttpClient http = HttpClient.newHttpClient();
        private final String base;

        Desk(String base) {
            this.base = base;
        }

        String quote(String lot) throws Exception {
            Future<String> price = workers.submit(() -> fetch("/prices/" + lot));
            return "{\"lot\":\"" + lot + "\",\"answer\":" + price.get(20, TimeUnit.SECONDS) + "}";
        }

        void refreshStatements() {
            for (int cellar = 0; cellar < 2; cellar++) {
                int number = cellar;
                workers.submit(() -> fetch("/cellars/" + number));
            }
        }

        private String fetch(String path) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).GET().build();
            return http.send(request, BodyHandlers.ofString()).body();
        }

        @Override
        public void close() {
            workers.shutdown();
        }
    }

    static void send(HttpExchange ex, String body) throws IOException {
        byte[] out = body.getBytes();
        ex.sendResponseHeaders(200, out.length);
        ex.getResponseBody().write(out);
        ex.close();
    }

    public static void main(String[] args) throws Exception {
        Desk desk = new Desk("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Executors.newSingleThreadScheduledExecutor()
                .scheduleAtFixedRate(desk::refreshStatements, 200, 200, TimeUnit.MILLISECONDS);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/quotes", ex -> {
            try {
                send(ex, desk.quote(ex.getRequestURI().getPath().substring(8)));
            } catch (Exception e) {
                ex.sendResponseHeaders(503, -1);
                ex.close();
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.start();
    }
}
