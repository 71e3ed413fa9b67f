package garden;

import garden.StockFinder.Branch;
import io.javalin.Javalin;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Web shop of a chain of garden centres: products, branches and where to pick something up today. */
public class App {

    record Product(String sku, String name, String group, int cents) {
    }

    private static final String[] GROUPS = {"roses", "shrubs", "herbs", "tools", "pots"};
    private static final String[] TOWNS = {"Aster", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Gorse", "Hazel"};

    private final Map<String, Product> products = new LinkedHashMap<>();
    private final List<Branch> branches = new ArrayList<>();
    private final StockFinder finder;

    App(String tillGateway) {
        for (int i = 0; i < 900; i++) {
            String group = GROUPS[i % GROUPS.length];
            String sku = group.substring(0, 2).toUpperCase() + "-" + (1000 + i - i % GROUPS.length + 3);
            products.put(sku, new Product(sku, group + " no. " + i, group, 199 + i * 37 % 4000));
        }
        for (int i = 0; i < 40; i++) {
            String name = TOWNS[i % TOWNS.length] + " " + (1 + i / TOWNS.length);
            branches.add(new Branch(100 + i, name, i * 173 % 1000, i * 311 % 1000, i % 11 != 0));
        }
        AtomicInteger number = new AtomicInteger();
        ExecutorService lookups = Executors.newFixedThreadPool(48, task -> {
            Thread thread = new Thread(task, "till-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        finder = new StockFinder(branches, new StockFinder.TillClient(tillGateway), lookups);
    }

    private Product product(Context ctx) {
        Product product = products.get(ctx.pathParam("sku"));
        if (product == null) {
            throw new NotFoundResponse("no such product");
        }
        return product;
    }

    private static int coordinate(Context ctx, String name) {
        try {
            return Integer.parseInt(ctx.queryParam(name));
        } catch (NumberFormatException e) {
            throw new BadRequestResponse(name + " must be a number");
        }
    }

    void nearby(Context ctx) {
        Product product = product(ctx);
        int x = coordinate(ctx, "x");
        int y = coordinate(ctx, "y");
        ctx.json(Map.of("product", product, "shelves", finder.nearby(product.sku(), x, y)));
    }

    void shelf(Context ctx) {
        StockFinder.Shelf shelf = finder.at(Integer.parseInt(ctx.pathParam("branch")), product(ctx).sku());
        if (shelf == null) {
            throw new NotFoundResponse("no such branch");
        }
        ctx.json(shelf);
    }

    void group(Context ctx) {
        String wanted = ctx.queryParam("group");
        ctx.json(products.values().stream()
                .filter(p -> wanted == null || p.group().equals(wanted))
                .limit(50)
                .toList());
    }

    public static void main(String[] args) {
        App app = new App("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/products", app::group)
                .get("/products/{sku}", ctx -> ctx.json(app.product(ctx)))
                .get("/products/{sku}/nearby", app::nearby)
                .get("/products/{sku}/shelves/{branch}", app::shelf)
                .get("/branches", ctx -> ctx.json(app.branches))
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
