import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import io.undertow.util.SameThreadExecutor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Morning briefs for ski patrols: which slopes of a valley may open. */
public class Briefs {

    record Slope(String name, int meters, String faces, int steep, String lift) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, List<Slope>> valleys = new TreeMap<>(Map.of(
            "arve", List.of(new Slope("Combe", 2310, "N", 36, "l1"), new Slope("Pierre", 1980, "E", 27, "l2"),
                    new Slope("Tour", 2690, "NW", 41, "l3"), new Slope("Pre", 1450, "S", 18, "l1")),
            "isel", List.of(new Slope("Rotkogel", 2520, "N", 38, "l4"), new Slope("Alm", 1610, "W", 22, "l5"),
                    new Slope("Scharte", 2750, "NE", 34, "l4"))));
    private final Sources sources;

    Briefs(Sources sources) {
        this.sources = sources;
    }

    /** What weather, lifts and the bulletin say together. */
    CompletableFuture<ObjectNode> brief(String valley, String day) {
        CompletableFuture<JsonNode> weather = sources.weather(valley, day);
        CompletableFuture<JsonNode> lifts = sources.lifts(valley);
        CompletableFuture<JsonNode> danger = sources.bulletin(valley, day);
        return CompletableFuture.allOf(weather, lifts, danger)
                .thenApply(all -> assemble(valley, weather.join(), lifts.join(), danger.join()));
    }

    private ObjectNode assemble(String valley, JsonNode weather, JsonNode lifts, JsonNode danger) {
        ObjectNode brief = JSON.createObjectNode().put("valley", valley).put("wind", weather.path("wind").asInt());
        ArrayNode slopes = brief.putArray("slopes");
        for (Slope slope : valleys.get(valley)) {
            int level = danger.path(slope.meters() > danger.path("line").asInt(2000) ? "above" : "below").asInt(3);
            boolean faced = false;
            for (JsonNode face : danger.path("faces")) {
                faced |= face.asText().equals(slope.faces());
            }
            String why = !lifts.path(slope.lift()).asBoolean() ? "lift is closed"
                    : weather.path("wind").asInt() > 70 ? "wind"
                    : level >= 4 || level == 3 && faced && slope.steep() > 33 ? "avalanche danger" : null;
            ObjectNode line = slopes.addObject().put("slope", slope.name()).put("danger", level).put("open", why == null);
            if (why != null) {
                line.put("why", why);
            }
        }
        return brief;
    }

    void brief(HttpServerExchange ex) {
        String valley = ex.getAttachment(PathTemplateMatch.ATTACHMENT_KEY).getParameters().get("valley");
        if (!valleys.containsKey(valley)) {
            ex.setStatusCode(404).getResponseSender().send("{\"error\":\"no such valley\"}");
            return;
        }
        String day = ex.getQueryParameters().containsKey("day") ? ex.getQueryParameters().get("day").peekFirst() : "today";
        ex.dispatch(SameThreadExecutor.INSTANCE, () -> brief(valley, day).whenComplete((brief, problem) -> {
            if (problem == null) {
                send(ex, 200, brief);
            } else {
                Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
                send(ex, 502, JSON.createObjectNode().put("error", String.valueOf(cause.getMessage())));
            }
        }));
    }

    void lifts(HttpServerExchange ex) {
        String valley = ex.getAttachment(PathTemplateMatch.ATTACHMENT_KEY).getParameters().get("valley");
        ex.dispatch(SameThreadExecutor.INSTANCE, () -> sources.lifts(valley)
                .whenComplete((lifts, problem) -> send(ex, problem == null ? 200 : 502, lifts == null ? JSON.createObjectNode() : lifts)));
    }

    void valleys(HttpServerExchange ex) {
        send(ex, 200, JSON.valueToTree(valleys.keySet()));
    }

    static void send(HttpServerExchange ex, int status, JsonNode body) {
        ex.setStatusCode(status);
        ex.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        ex.getResponseSender().send(body.toString());
    }

    public static void main(String[] args) {
        Briefs briefs = new Briefs(new Sources("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setHandler(Handlers.routing()
                        .get("/ready", ex -> ex.getResponseSender().send("ready"))
                        .get("/valleys", briefs::valleys)
                        .get("/valleys/{valley}/brief", briefs::brief)
                        .get("/valleys/{valley}/lifts", briefs::lifts))
                .build()
                .start();
    }
}
