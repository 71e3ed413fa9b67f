package bees;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.http.NotFoundResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The web shop of a supplier of beekeepers. */
public class Main {

    private final Catalogue catalogue;
    private final Offers offers;

    Main(Catalogue catalogue, Offers offers) {
        this.catalogue = catalogue;
        this.offers = offers;
    }

    void article(Context ctx) {
        ctx.json(find(ctx.pathParam("article")));
    }

    void offer(Context ctx) {
        Catalogue.Article article = find(ctx.pathParam("article"));
        String region = ctx.queryParamAsClass("region", String.class).getOrDefault("south");
        ctx.future(() -> offers.offer(article, region)
                .thenAccept(offer -> ctx.json(offer))
                .exceptionally(failure -> {
                    ctx.status(HttpStatus.BAD_GATEWAY).json(Map.of("error", "no offer now"));
                    return null;
                }));
    }

    void shelf(Context ctx) {
        List<Catalogue.Article> articles = catalogue.shelf(ctx.pathParam("shelf")).stream()
                .sorted(Comparator.comparing(Catalogue.Article::cents))
                .limit(20)
                .toList();
        ctx.json(articles);
    }

    private Catalogue.Article find(String id) {
        Catalogue.Article article = catalogue.article(id);
        if (article == null) {
            throw new NotFoundResponse("no article " + id);
        }
        return article;
    }

    public static void main(String[] args) {
        String warehouse = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");
        Main main = new Main(new Catalogue(900), new Offers(warehouse));
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/ping", ctx -> ctx.result("pong"))
                .get("/articles/{article}", main::article)
                .get("/articles/{article}/offer", main::offer)
                .get("/shelves/{shelf}", main::shelf)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
