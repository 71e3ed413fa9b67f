import io.javalin.Javalin;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

public class App {

    static class Ledger {
        private final ReentrantLock books = new ReentrantLock();
        private final Map<String, Integer> stock = new HashMap<>();

        Ledger() {
            stock.put("slab", 5_000_000);
            stock.put("gravel", 9_000_000);
        }

        void open() {
            books.lock();
        }

        void close() {
            books.unlock();
        }

        int take(String item, int count) {
            return stock.merge(item, -count, Integer::sum);
        }
    }

    static class Payments {
        private final HttpClient http = HttpClient.newHttpClient();
        private final String base;

        Payments(String base) {
            this.base = base;
        }

        boolean charge(long order, int cents) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/charge/" + order + "?cents=" + cents)).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body().contains("true");
        }
    }

    static class OrderDesk {
        private final Ledger ledger = new Ledger();
        private final AtomicLong numbers = new AtomicLong();
        private final Payments payments;

        OrderDesk(Payments payments) {
            this.payments = payments;
        }

        String place(String item, int count) throws Exception {
            long number = numbers.incrementAndGet();
            ledger.open();
            try {
                int left = ledger.take(item, count);
                boolean paid = payments.charge(number, count * 1250);
                return "{\"order\":" + number + ",\"left\":" + left + ",\"paid\":" + paid + "}";
            } finally {
                ledger.close();
            }
        }
    }

    public static void main(String[] args) {
        OrderDesk desk = new OrderDesk(new Payments("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        Javalin app = Javalin.create();
        app.get("/healthz", ctx -> ctx.result("ok"));
        app.post("/orders", ctx -> ctx.contentType("application/json")
                .result(desk.place(ctx.queryParam("item"), Integer.parseInt(ctx.queryParam("count")))));
        app.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
