import io.javalin.Javalin;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Warehouse packing stations: labels for parcels. */
public class App {
    private final LabelPrinter printer;
    private final Map<String, AtomicInteger> printed = new ConcurrentHashMap<>();

    App(LabelPrinter printer) {
        this.printer = printer;
    }

    void label(Context ctx) {
        String parcel = ctx.pathParam("parcel");
        String postcode = ctx.queryParam("postcode");
        if (postcode == null || postcode.isBlank()) {
            throw new BadRequestResponse("postcode");
        }
        ctx.future(() -> printer.label(parcel, postcode).thenAccept(zpl -> {
            printed.computeIfAbsent(parcel, p -> new AtomicInteger()).incrementAndGet();
            ctx.contentType("application/zpl").result(zpl);
        }));
    }

    void copies(Context ctx) {
        AtomicInteger count = printed.get(ctx.pathParam("parcel"));
        ctx.result(count == null ? "0" : count.toString());
    }

    public static void main(String[] args) {
        URI carrier = URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        App app = new App(new LabelPrinter(carrier));
        Javalin server = Javalin.create(config -> config.showJavalinBanner = false);
        server.get("/healthz", ctx -> ctx.result("ok"));
        server.get("/parcels/{parcel}/label", app::label);
        server.get("/parcels/{parcel}/copies", app::copies);
        server.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
