import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.PathTemplateHandler;
import io.undertow.util.Headers;
import java.util.Deque;
import java.util.List;

/** A rose nursery: what stands in its beds, and the cards to print for them. */
public class NurseryApp {
    private final Stock stock;
    private final CareCards cards;

    NurseryApp(Stock stock) {
        this.stock = stock;
        this.cards = new CareCards(stock);
    }

    private static String parameter(HttpServerExchange ex, String name, String fallback) {
        Deque<String> values = ex.getQueryParameters().get(name);
        return values == null ? fallback : values.getFirst();
    }

    void printCards(HttpServerExchange ex) throws Exception {
        String bed = parameter(ex, "bed", "");
        List<Stock.Rose> roses = stock.inBed(bed);
        if (roses.isEmpty()) {
            ex.setStatusCode(404).getResponseSender().send("no such bed\n");
            return;
        }
        String page = cards.print(bed, roses, parameter(ex, "season", "March"));
        ex.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
        ex.getResponseSender().send(page);
    }

    void oneCard(HttpServerExchange ex) throws Exception {
        Stock.Rose rose = stock.byCode(parameter(ex, "code", ""));
        if (rose == null) {
            ex.setStatusCode(404).getResponseSender().send("no such rose\n");
            return;
        }
        ex.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/html; charset=utf-8");
        ex.getResponseSender().send(cards.print(rose.getBed(), List.of(rose), parameter(ex, "season", "March")));
    }

    void beds(HttpServerExchange ex) {
        StringBuilder json = new StringBuilder("{");
        stock.countByBed().forEach((bed, count) ->
                json.append(json.length() > 1 ? "," : "").append('"').append(bed).append("\":").append(count));
        ex.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        ex.getResponseSender().send(json.append('}').toString());
    }

    public static void main(String[] args) {
        NurseryApp app = new NurseryApp(new Stock(288));
        PathTemplateHandler routes = Handlers.pathTemplate()
                .add("/healthz", ex -> ex.getResponseSender().send("ok"))
                .add("/beds", app::beds)
                .add("/beds/{bed}/cards", new BlockingHandler(app::printCards))
                .add("/roses/{code}/card", new BlockingHandler(app::oneCard));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(16)
                .setHandler(routes)
                .build()
                .start();
    }
}
