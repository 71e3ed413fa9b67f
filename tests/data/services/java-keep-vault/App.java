import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

public class App {

    static class Vault {
        private final Map<String, Integer> visits = new HashMap<>();
        private final String keys = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/keys/";

        String open(String box) throws IOException {
            synchronized (visits) {
                int visit = visits.merge(box, 1, Integer::sum);
                try (InputStream in = new URL(keys + box + "?visit=" + visit).openStream()) {
                    return new String(in.readAllBytes());
                }
            }
        }
    }

    static void send(HttpExchange ex, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(200, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws IOException {
        Vault vault = new Vault();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/boxes/", ex -> send(ex, vault.open(ex.getRequestURI().getPath().substring(7))));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
