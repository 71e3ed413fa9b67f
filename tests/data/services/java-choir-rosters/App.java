package choir;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.nio.ByteBuffer;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** Rosters of the choirs for their section leaders. */
public class App {
    private final ObjectMapper json = new ObjectMapper();
    private final RosterService service = new RosterService(new Singers());

    void roster(HttpServerExchange exchange) throws Exception {
        Map<String, Deque<String>> query = exchange.getQueryParameters();
        int perVoice = query.containsKey("perVoice") ? Integer.parseInt(query.get("perVoice").getFirst()) : 10;
        Map<String, List<RosterService.Entry>> sections = service.roster(query.get("choir").getFirst(), perVoice);
        if (sections.isEmpty()) {
            exchange.setStatusCode(404).endExchange();
            return;
        }
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(ByteBuffer.wrap(json.writeValueAsBytes(sections)));
    }

    public static void main(String[] args) {
        App app = new App();
        RoutingHandler routes = Handlers.routing()
                .get("/healthz", exchange -> exchange.getResponseSender().send("ok"))
                .get("/choirs/{choir}/roster", new BlockingHandler(app::roster));
        Undertow.builder().addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2).setWorkerThreads(16).setHandler(routes).build().start();
    }
}
