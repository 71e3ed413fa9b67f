import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.ExceptionHandler;
import io.undertow.server.RoutingHandler;
import io.undertow.util.Headers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** An excavation's finds: trenches, their contexts, and packages for the field tablets. */
public class FindsServer {

    record Find(int number, int context, String material, double east, double north, double depth, String note) {}

    record Trench(int id, String site, List<Find> finds) {}

    static class Register {
        private static final String[] MATERIALS = {"pottery", "bone", "iron", "glass", "flint", "brick", "bronze"};
        private static final String[] NOTES = {"rim, burnished", "worked edge", "two joining parts", "corroded", "with slip", ""};
        private final Map<Integer, Trench> trenches = new LinkedHashMap<>();

        Register() {
            Random random = new Random(311);
            for (int id = 1; id <= 24; id++) {
                List<Find> finds = new ArrayList<>();
                int count = 34 + random.nextInt(30);
                for (int n = 1; n <= count; n++) {
                    finds.add(new Find(id * 1000 + n, 100 + random.nextInt(14), MATERIALS[random.nextInt(MATERIALS.length)],
                            random.nextDouble() * 12, random.nextDouble() * 8, 0.2 + random.nextDouble() * 1.9,
                            NOTES[random.nextInt(NOTES.length)]));
                }
                trenches.put(id, new Trench(id, id % 2 == 0 ? "Mill Lane" : "Chapel Field", finds));
            }
        }

        Trench trench(int id) {
            Trench trench = trenches.get(id);
            if (trench == null) {
                throw new IllegalArgumentException("no trench " + id);
            }
            return trench;
        }

        String summary() {
            StringBuilder sb = new StringBuilder("[");
            for (Trench t : trenches.values()) {
                sb.append(sb.length() > 1 ? "," : "").append("{\"id\":").append(t.id()).append(",\"site\":\"").append(t.site())
                        .append("\",\"finds\":").append(t.finds().size()).append('}');
            }
            return sb.append(']').toString();
        }
    }

    private final Register register = new Register();
    private final Path folder;
    private final AtomicInteger serial = new AtomicInteger();

    FindsServer(Path folder) {
        this.folder = folder;
    }

    static int id(HttpServerExchange exchange) {
        return Integer.parseInt(exchange.getQueryParameters().get("id").getFirst());
    }

    static void json(HttpServerExchange exchange, int status, String body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(body);
    }

    void makePackage(HttpServerExchange exchange) throws Exception {
        Trench trench = register.trench(id(exchange));
        Path file = folder.resolve("trench-" + trench.id() + "-" + serial.incrementAndGet() + ".gpkg");
        try {
            FieldPackage made = FieldPackage.write(file, trench);
            json(exchange, 201, "{\"package\":\"" + file.getFileName() + "\",\"layers\":" + made.layers() + ",\"finds\":"
                    + made.features() + ",\"bytes\":" + Files.size(file) + "}");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    void contexts(HttpServerExchange exchange) {
        Map<Integer, Integer> counts = new java.util.TreeMap<>();
        register.trench(id(exchange)).finds().forEach(f -> counts.merge(f.context(), 1, Integer::sum));
        StringBuilder sb = new StringBuilder("{");
        counts.forEach((k, v) -> sb.append(sb.length() > 1 ? "," : "").append('"').append(k).append("\":").append(v));
        json(exchange, 200, sb.append('}').toString());
    }

    HttpHandler routes() {
        RoutingHandler routes = new RoutingHandler()
                .get("/healthz", exchange -> json(exchange, 200, "\"ok\""))
                .get("/trenches", exchange -> json(exchange, 200, register.summary()))
                .get("/trenches/{id}/contexts", this::contexts)
                .post("/trenches/{id}/packages", new BlockingHandler(this::makePackage));
        return new ExceptionHandler(routes).addExceptionHandler(IllegalArgumentException.class,
                exchange -> json(exchange, 404, "{\"error\":\"no such trench\"}"));
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of("packages"));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(16)
                .setHandler(new FindsServer(folder).routes())
                .build()
                .start();
    }
}
