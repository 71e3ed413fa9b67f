import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Darkrooms of a photo club: who may use which, and when they are free. */
public class Darkrooms extends AbstractVerticle {

    record Room(String id, int enlargers, boolean colour, int rate) {}

    record Slot(String room, LocalDate day, int hour, String member) {}

    private final Map<String, Room> rooms = new TreeMap<>();
    private final Map<String, Slot> taken = new HashMap<>();
    private MemberCards cards;

    @Override
    public void start(Promise<Void> started) {
        rooms.put("A", new Room("A", 2, false, 600));
        rooms.put("B", new Room("B", 1, true, 950));
        rooms.put("C", new Room("C", 4, false, 480));
        cards = new MemberCards("http://127.0.0.1:" + config().getInteger("desk"));

        Router router = Router.router(vertx);
        router.get("/health").handler(ctx -> ctx.end("ok"));
        Router club = Router.router(vertx);
        club.route().handler(this::admit);
        club.get("/rooms").handler(ctx -> ctx.json(roomList(ctx.get("level"))));
        club.get("/rooms/:id/hours").handler(this::hours);
        club.post("/rooms/:id/hours").handler(BodyHandler.create(false)).handler(this::book);
        router.route("/club/*").subRouter(club);
        router.errorHandler(500, ctx -> ctx.response().setStatusCode(500).end(String.valueOf(ctx.failure())));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1"))
                .requestHandler(router)
                .listen(config().getInteger("port"))
                .<Void>mapEmpty()
                .onComplete(started);
    }

    /** Everything of the club is for members whose card is valid today. */
    private void admit(RoutingContext ctx) {
        String number = ctx.request().getHeader("X-Card");
        if (number == null) {
            number = ctx.queryParams().get("card");
        }
        if (number == null || !number.matches("[A-Z]{2}-[0-9]{5}")) {
            ctx.response().setStatusCode(401).end();
            return;
        }
        MemberCards.Card card = cards.find(number);
        if (card.until().isBefore(LocalDate.now())) {
            ctx.response().setStatusCode(403).end("this card has run out");
            return;
        }
        ctx.put("member", card.member()).put("level", card.level());
        ctx.next();
    }

    private JsonArray roomList(String level) {
        JsonArray list = new JsonArray();
        for (Room room : rooms.values()) {
            if (!room.colour() || !"beginner".equals(level)) {
                list.add(new JsonObject().put("id", room.id()).put("enlargers", room.enlargers()).put("colour", room.colour()));
            }
        }
        return list;
    }

    private void hours(RoutingContext ctx) {
        Room room = rooms.get(ctx.pathParam("id"));
        if (room == null) {
            ctx.fail(404);
            return;
        }
        LocalDate day = LocalDate.parse(ctx.queryParams().contains("day") ? ctx.queryParams().get("day") : LocalDate.now().toString());
        List<JsonObject> list = new ArrayList<>();
        for (int d = 0; d < 7; d++) {
            LocalDate on = day.plusDays(d);
            for (int hour = 8; hour < 22; hour++) {
                Slot slot = taken.get(key(room, on, hour));
                list.add(new JsonObject()
                        .put("day", on.toString())
                        .put("from", LocalTime.of(hour, 0).toString())
                        .put("rate", rate(room, on, hour, ctx.get("level")))
                        .put("free", slot == null)
                        .put("mine", slot != null && slot.member().equals(ctx.get("member"))));
            }
        }
        ctx.json(new JsonObject().put("room", room.id()).put("hours", list));
    }

    private void book(RoutingContext ctx) {
        Room room = rooms.get(ctx.pathParam("id"));
        JsonObject wish = ctx.body().asJsonObject();
        if (room == null || wish == null) {
            ctx.fail(room == null ? 404 : 400);
            return;
        }
        LocalDate day = LocalDate.parse(wish.getString("day"));
        int hour = wish.getInteger("hour", 8);
        Slot slot = new Slot(room.id(), day, hour, ctx.get("member"));
        boolean won = taken.putIfAbsent(key(room, day, hour), slot) == null;
        ctx.response().setStatusCode(won ? 201 : 409).end();
    }

    private static String key(Room room, LocalDate day, int hour) {
        return room.id() + "/" + day + "/" + hour;
    }

    private static int rate(Room room, LocalDate day, int hour, String level) {
        int rate = room.rate() * room.enlargers() / 2;
        if (day.getDayOfWeek().getValue() > 5 || hour >= 18) {
            rate = rate * 5 / 4;
        }
        return "patron".equals(level) ? rate * 3 / 4 : rate;
    }

    public static void main(String[] args) {
        JsonObject config = new JsonObject()
                .put("port", Integer.parseInt(System.getenv("PORT")))
                .put("desk", Integer.parseInt(System.getenv("UPSTREAM_PORT")));
        Vertx.vertx().deployVerticle(new Darkrooms(), new io.vertx.core.DeploymentOptions().setConfig(config))
                .onFailure(problem -> {
                    problem.printStackTrace();
                    System.exit(1);
                });
    }
}
