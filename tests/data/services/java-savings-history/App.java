import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.util.List;

/** Savings of the members of a credit union. */
public class App {
    private final Ledger ledger = new Ledger(12, 2800);

    void history(HttpServerExchange exchange) {
        String member = exchange.getQueryParameters().get("member").getFirst();
        if (!ledger.knows(member)) {
            exchange.setStatusCode(404).endExchange();
            return;
        }
        List<Ledger.Snapshot> history = ledger.replay(member);
        StringBuilder out = new StringBuilder("{\"member\":\"").append(member).append("\",\"quarters\":[");
        int last = history.get(history.size() - 1).day();
        int quarter = 0;
        for (Ledger.Snapshot snapshot : history) {
            if (snapshot.day() / 91 != quarter || snapshot == history.get(history.size() - 1)) {
                out.append(quarter == 0 ? "" : ",").append(snapshot.total());
                quarter = snapshot.day() / 91;
            }
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(out.append("],\"days\":").append(last).append("}").toString());
    }

    public static void main(String[] args) {
        App app = new App();
        RoutingHandler routes = Handlers.routing()
                .get("/healthz", exchange -> exchange.getResponseSender().send("ok"))
                .get("/members/{member}/history", new BlockingHandler(app::history));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2).setWorkerThreads(8).setHandler(routes).build().start();
    }
}
