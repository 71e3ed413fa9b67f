import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class App {

    static class Courier {
        private final String base;

        Courier(String base) {
            this.base = base;
        }

        String ask(String pigeon) throws IOException {
            HttpURLConnection c = (HttpURLConnection) new URL(base + "/pigeons/" + pigeon).openConnection();
            try (InputStream in = c.getInputStream()) {
                return new String(in.readAllBytes());
            }
        }
    }

    static class Couriers {
        private final BlockingQueue<Courier> idle = new ArrayBlockingQueue<>(3);

        Couriers(String base) {
            while (idle.offer(new Courier(base))) {
                continue;
            }
        }

        Courier lend() throws InterruptedException {
            return idle.take();
        }

        void giveBack(Courier courier) {
            idle.add(courier);
        }
    }

    private final Couriers couriers = new Couriers("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));

    String pigeon(String number) throws IOException {
        Courier courier;
        try {
            courier = couriers.lend();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        try {
            return courier.ask(number);
        } finally {
            couriers.giveBack(courier);
        }
    }

    static void send(HttpExchange ex, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(200, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws Exception {
        App app = new App();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/pigeons/", ex -> send(ex, app.pigeon(ex.getRequestURI().getPath().substring(9))));
        server.setExecutor((ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
        server.start();
    }
}
