package leisure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Where in town there is room to swim now. */
public class SwimServer {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Baths baths;

    SwimServer(Baths baths) {
        this.baths = baths;
    }

    Publisher<Void> now(HttpServerRequest request, HttpServerResponse response) {
        String town = request.param("town");
        return baths.openLanes(town)
                .map(lanes -> Map.of("town", town, "lanes", lanes, "advice", advice(lanes)))
                .flatMap(body -> send(response, 200, body))
                .onErrorResume(NoSuchElementException.class, e -> send(response, 404, Map.of("error", e.getMessage())));
    }

    Publisher<Void> bath(HttpServerRequest request, HttpServerResponse response) {
        return baths.bath(request.param("bath"))
                .map(Baths.Bath::view)
                .flatMap(body -> send(response, 200, body))
                .switchIfEmpty(send(response, 404, Map.of("error", "no such bath")));
    }

    Publisher<Void> towns(HttpServerRequest request, HttpServerResponse response) {
        return send(response, 200, baths.towns());
    }

    private static String advice(List<Baths.Lanes> lanes) {
        return lanes.stream()
                .filter(l -> l.free() > 0)
                .max((a, b) -> Double.compare(a.room(), b.room()))
                .map(l -> "most room at " + l.bath())
                .orElse("all lanes are taken");
    }

    private static Mono<Void> send(HttpServerResponse response, int status, Object body) {
        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put("status", status);
        envelope.put("data", body);
        try {
            byte[] bytes = JSON.writeValueAsBytes(envelope);
            return response.status(status)
                    .header("Content-Type", "application/json")
                    .header("Content-Length", String.valueOf(bytes.length))
                    .sendByteArray(Mono.just(bytes))
                    .then();
        } catch (JsonProcessingException e) {
            return Mono.error(e);
        }
    }

    public static void main(String[] args) {
        Baths baths = new Baths("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        SwimServer app = new SwimServer(baths);
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(Integer.parseInt(System.getenv("PORT")))
                .route(routes -> routes
                        .get("/up", (request, response) -> response.sendString(Mono.just("up")))
                        .get("/towns", app::towns)
                        .get("/towns/{town}/swim", app::now)
                        .get("/baths/{bath}", app::bath))
                .bindNow();
        server.onDispose().block();
    }
}
