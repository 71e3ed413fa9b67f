import com.google.gson.Gson;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Berth planning of a marina: what is free, who arrives, and the harbour's notices. */
public class App {

    private static final Gson GSON = new Gson();

    private final Database database;
    private final HarbourFeed feed;

    App(Database database, HarbourFeed feed) {
        this.database = database;
        this.feed = feed;
    }

    /** Everything that the harbour master's tablet shows of one pontoon on one day. */
    void pontoon(Context ctx) throws SQLException {
        String pontoon = ctx.pathParam("pontoon").toUpperCase();
        LocalDate day = day(ctx);
        Map<String, Object> page = new LinkedHashMap<>();
        try (Connection connection = database.connection()) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            Berths berths = new Berths(connection);
            List<Map<String, Object>> occupied = berths.occupied(pontoon, day);
            page.put("pontoon", pontoon);
            page.put("day", day.toString());
            page.put("occupied", occupied);
            page.put("free", berths.free(pontoon, day, day.plusDays(2)));
            page.put("season", berths.occupancyByDay(pontoon, day, day.plusDays(45)));
            page.put("tides", berths.tides(day));
            page.put("notices", berths.notices(pontoon, day));
            connection.commit();
        }
        page.put("changed", feed.lastChange("stays"));
        json(ctx, page);
    }

    void berth(Context ctx) throws SQLException {
        int id = ctx.pathParamAsClass("id", Integer.class).get();
        try (Connection connection = database.connection()) {
            Map<String, Object> berth = new Berths(connection).byId(id);
            if (berth == null) {
                throw new NotFoundResponse();
            }
            json(ctx, berth);
        }
    }

    void book(Context ctx) throws SQLException {
        Map<?, ?> wish = GSON.fromJson(ctx.body(), Map.class);
        int berth = ((Number) wish.get("berth")).intValue();
        LocalDate arrives = LocalDate.parse((String) wish.get("arrives"));
        LocalDate leaves = LocalDate.parse((String) wish.get("leaves"));
        try (Connection connection = database.connection()) {
            connection.setAutoCommit(false);
            int stay = new Berths(connection).book(berth, (String) wish.get("boat"), arrives, leaves);
            connection.commit();
            ctx.status(201);
            json(ctx, Map.of("stay", stay));
        }
    }

    private static LocalDate day(Context ctx) {
        String on = ctx.queryParam("on");
        return on == null ? LocalDate.of(2025, 7, 1) : LocalDate.parse(on);
    }

    private static void json(Context ctx, Object value) {
        ctx.contentType("application/json").result(GSON.toJson(value));
    }

    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        Database database = new Database(System.getenv("DATABASE_URL"));
        HarbourFeed feed = new HarbourFeed(database, List.of("stays", "gates", "weather", "fuel_dock"));
        feed.start();
        App app = new App(database, feed);
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/pontoons/{pontoon}", app::pontoon)
                .get("/berths/{id}", app::berth)
                .post("/stays", app::book)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
