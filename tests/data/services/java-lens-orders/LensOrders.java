import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.HttpURLConnection;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Opticians order spectacle lenses here; the grinding shop sets the price of each. */
public class LensOrders {
    private static final Gson GSON = new Gson();

    record Prescription(double sphere, double cylinder, String material) {
        Prescription {
            if (Math.abs(sphere) > 16 || Math.abs(cylinder) > 6) {
                throw new IllegalArgumentException("out of range");
            }
            if (Math.rint(sphere * 4) != sphere * 4 || Math.rint(cylinder * 4) != cylinder * 4) {
                throw new IllegalArgumentException("not in quarter dioptres");
            }
        }

        /** The same lens written with a negative cylinder. */
        Prescription transposed() {
            return cylinder <= 0 ? this : new Prescription(sphere + cylinder, -cylinder, material);
        }
    }

    record Quote(Prescription lens, long cents, int days, List<String> remarks) {
    }

    record Order(int number, Prescription lens, String optician) {
    }

    static class GrindingShop {
        private final String base;

        GrindingShop(String base) {
            this.base = base;
        }

        JsonObject price(Prescription lens) throws IOException {
            String query = "?sph=" + lens.sphere() + "&cyl=" + lens.cylinder() + "&mat="
                    + URLEncoder.encode(lens.material(), StandardCharsets.UTF_8);
            HttpURLConnection connection = (HttpURLConnection) new URL(base + "/price" + query).openConnection();
            connection.setConnectTimeout(2000);
            connection.setReadTimeout(5000);
            try (Reader in = new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8)) {
                return GSON.fromJson(in, JsonObject.class);
            }
        }
    }

    private final GrindingShop shop;
    private final Map<Integer, Order> orders = new ConcurrentHashMap<>();
    private final AtomicInteger lastNumber = new AtomicInteger(7000);

    LensOrders(GrindingShop shop) {
        this.shop = shop;
    }

    void quote(HttpServerExchange exchange) throws IOException {
        Prescription lens = prescription(exchange).transposed();
        JsonObject price = shop.price(lens);
        long cents = price.get("cents").getAsLong();
        send(exchange, 200, new Quote(lens, Math.round(cents * factor(lens)), price.get("days").getAsInt(), remarks(lens)));
    }

    private static double factor(Prescription lens) {
        double strong = Math.max(Math.abs(lens.sphere()), Math.abs(lens.sphere() + lens.cylinder()));
        return 1 + Math.max(0, strong - 4) * 0.06 + (lens.cylinder() < -2 ? 0.15 : 0);
    }

    private static List<String> remarks(Prescription lens) {
        List<String> remarks = new ArrayList<>();
        if (Math.abs(lens.sphere()) > 6 && lens.material().equals("1.50")) {
            remarks.add("a thinner material is advised");
        }
        if (lens.cylinder() != 0) {
            remarks.add("axis needed");
        }
        return remarks;
    }

    void place(HttpServerExchange exchange) {
        Order order = new Order(lastNumber.incrementAndGet(), prescription(exchange).transposed(),
                parameter(exchange, "optician", "unknown"));
        orders.put(order.number(), order);
        send(exchange, 201, order);
    }

    void order(HttpServerExchange exchange) {
        Order order = orders.get(Integer.parseInt(parameter(exchange, "number", "0")));
        send(exchange, order == null ? 404 : 200, order == null ? Map.of("error", "no such order") : order);
    }

    static Prescription prescription(HttpServerExchange exchange) {
        return new Prescription(Double.parseDouble(parameter(exchange, "sphere", "0")),
                Double.parseDouble(parameter(exchange, "cylinder", "0")), parameter(exchange, "material", "1.50"));
    }

    static String parameter(HttpServerExchange exchange, String name, String otherwise) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null ? otherwise : values.getFirst();
    }

    static void send(HttpServerExchange exchange, int status, Object body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(GSON.toJson(body));
    }

    static HttpHandler checked(HttpHandler next) {
        return exchange -> {
            try {
                next.handleRequest(exchange);
            } catch (IllegalArgumentException e) {
                send(exchange, 400, Map.of("error", String.valueOf(e.getMessage())));
            }
        };
    }

    public static void main(String[] args) {
        LensOrders app = new LensOrders(new GrindingShop("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        int cores = Runtime.getRuntime().availableProcessors();
        PathHandler api = Handlers.path()
                .addExactPath("/orders/quote", checked(app::quote))
                .addExactPath("/orders/place", checked(app::place))
                .addExactPath("/orders/show", checked(app::order));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(cores)
                .setWorkerThreads(Math.min(cores, 2))
                .setHandler(Handlers.path(new BlockingHandler(api))
                        .addExactPath("/healthz", exchange -> exchange.getResponseSender().send("ok")))
                .build()
                .start();
    }
}
