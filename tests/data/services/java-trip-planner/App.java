import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.ext.web.client.predicate.ResponsePredicate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Day trips by train: what to expect at each stop of a tour. */
public class App extends AbstractVerticle {

    record Stop(String code, String name, int minutes) {
    }

    record Tour(String id, String title, List<Stop> stops) {
    }

    static class Tours {
        private final Map<String, Tour> tours = new LinkedHashMap<>();

        Tours() {
            add("lakes", "Three lakes", "BIE", "Biel", "NEU", "Neuchatel", "YVE", "Yverdon", "MUR", "Murten", "KER", "Kerzers", "LYS", "Lyss", "ERL", "Erlach");
            add("wine", "Along the vineyards", "LAU", "Lausanne", "CUL", "Cully", "VEV", "Vevey", "MON", "Montreux");
            add("peaks", "Peaks", "INT", "Interlaken", "LAT", "Lauterbrunnen", "WEN", "Wengen", "KLS", "Kleine Scheidegg", "GRI", "Grindelwald");
        }

        private void add(String id, String title, String... stops) {
            List<Stop> list = new java.util.ArrayList<>();
            for (int i = 0; i < stops.length; i += 2) {
                list.add(new Stop(stops[i], stops[i + 1], 30 + i * 10));
            }
            tours.put(id, new Tour(id, title, list));
        }

        Tour get(String id) {
            return tours.get(id);
        }

        JsonArray list() {
            JsonArray all = new JsonArray();
            tours.values().forEach(t -> all.add(new JsonObject().put("id", t.id()).put("title", t.title()).put("stops", t.stops().size())));
            return all;
        }
    }

    /** The railway's open data. */
    static class Railway {
        private final WebClient client;

        Railway(Vertx vertx, int port) {
            client = WebClient.create(vertx, new WebClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(port)
                    .setMaxPoolSize(120).setConnectTimeout(2000).setIdleTimeout(30));
        }

        Future<JsonObject> board(Stop stop) {
            return get("/stations/" + stop.code() + "/board");
        }

        Future<JsonObject> crowding(Stop stop) {
            return get("/stations/" + stop.code() + "/crowding");
        }

        private Future<JsonObject> get(String path) {
            return client.get(path).timeout(6000).expect(ResponsePredicate.SC_OK).send().map(answer -> answer.bodyAsJsonObject());
        }
    }

    static class TourPage {
        private final Railway railway;

        TourPage(Railway railway) {
            this.railway = railway;
        }

        Future<JsonObject> load(Tour tour) {
            JsonObject page = new JsonObject().put("tour", tour.id()).put("title", tour.title());
            Future<JsonArray> stops = Future.succeededFuture(new JsonArray());
            for (Stop stop : tour.stops()) {
                stops = stops.compose(done -> loadStop(stop).map(done::add));
            }
            return stops.map(list -> page.put("stops", list).put("advice", advice(list)));
        }

        private Future<JsonObject> loadStop(Stop stop) {
            return railway.board(stop).compose(board -> railway.crowding(stop).map(crowding -> new JsonObject()
                    .put("station", stop.name())
                    .put("stay", stop.minutes())
                    .put("next", board.getJsonArray("departures").getValue(0))
                    .put("late", board.getInteger("late"))
                    .put("crowding", crowding.getString("level"))));
        }

        private static String advice(JsonArray stops) {
            long full = stops.stream().filter(s -> "high".equals(((JsonObject) s).getString("crowding"))).count();
            int late = stops.stream().mapToInt(s -> ((JsonObject) s).getInteger("late")).sum();
            return full > stops.size() / 2 ? "choose another day" : late > 20 ? "allow for delays" : "enjoy";
        }
    }

    private final Tours tours = new Tours();
    private TourPage page;

    @Override
    public void start(Promise<Void> started) {
        page = new TourPage(new Railway(vertx, Integer.parseInt(System.getenv("UPSTREAM_PORT"))));
        Router router = Router.router(vertx);
        router.get("/live").handler(ctx -> ctx.end("yes"));
        router.get("/tours").handler(ctx -> ctx.json(tours.list()));
        router.get("/tours/:id").handler(this::tour);
        router.errorHandler(500, ctx -> ctx.response().setStatusCode(502).end(String.valueOf(ctx.failure())));
        vertx.createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                .requestHandler(router)
                .listen(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private void tour(RoutingContext ctx) {
        Tour tour = tours.get(ctx.pathParam("id"));
        if (tour == null) {
            ctx.response().setStatusCode(404).end("no such tour");
            return;
        }
        page.load(tour).onSuccess(ctx::json).onFailure(ctx::fail);
    }

    public static void main(String[] args) {
        Vertx.vertx().deployVerticle(App.class.getName(), new DeploymentOptions().setInstances(2));
    }
}
