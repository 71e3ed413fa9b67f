import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Listings of a gallery's rooms. */
public class App {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Map<String, List<ObjectNode>> rooms = new HashMap<>();

    App(int works) {
        String[] titles = {"Boats at Low Tide", "Portrait of a Baker", "Snow, the Mill at Dusk", "Study for Three Hands"};
        String[] artists = {"Ida van Holt", "Pieter Amsel", "Rosa Maria Lind", "J. T. Corrigan", "Anneke Bro"};
        for (String room : List.of("north", "east", "attic")) {
            List<ObjectNode> list = new ArrayList<>();
            for (int i = 0; i < works; i++) {
                list.add(JSON.createObjectNode().put("id", 4000 + i).put("title", titles[i % titles.length] + " " + i)
                        .put("artist", artists[i % artists.length]).put("year", 1790 + i * 13 % 190)
                        .put("size", (20 + i % 160) + "x" + (30 + i * 7 % 120)));
            }
            rooms.put(room, list);
        }
    }

    List<ObjectNode> listing(String room) {
        List<ObjectNode> page = new ArrayList<>();
        for (ObjectNode stored : rooms.get(room)) {
            ObjectNode work = stored.deepCopy();
            for (UnaryOperator<ObjectNode> stage : Stages.ALL) {
                work = stage.apply(work);
            }
            if (page.size() < 50) {
                page.add(work);
            }
        }
        return page;
    }

    void show(Context ctx) throws Exception {
        String room = ctx.pathParam("room");
        if (!rooms.containsKey(room)) {
            throw new NotFoundResponse();
        }
        List<ObjectNode> page = listing(room);
        ArrayNode first = JSON.createArrayNode().addAll(page);
        ctx.contentType("application/json").header("X-Total", String.valueOf(rooms.get(room).size())).result(JSON.writeValueAsString(first));
    }

    public static void main(String[] args) {
        App app = new App(4000);
        Javalin server = Javalin.create(config -> config.showJavalinBanner = false);
        server.get("/healthz", ctx -> ctx.result("ok"));
        server.get("/rooms/{room}/works", app::show);
        server.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
