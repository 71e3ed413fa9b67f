import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.javalin.Javalin;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.net.URI;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Pitches of weekly markets: traders try out which pitches suit them, then book. */
public class Stalls {

    record Pitch(int id, int no, int meters, boolean power, int dayRate) {}

    record Line(Pitch pitch, LocalDate day, int charge) {
        String json() {
            return "{\"pitch\":" + pitch.no() + ",\"meters\":" + pitch.meters() + ",\"power\":" + pitch.power()
                    + ",\"day\":\"" + day + "\",\"charge\":" + charge + "}";
        }
    }

    private final HikariDataSource source;

    Stalls(HikariDataSource source) {
        this.source = source;
    }

    List<Pitch> free(Connection c, int market, LocalDate day, int count) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(
                "SELECT p.id, p.no, p.meters, p.power, p.day_rate_ct FROM pitches p WHERE p.market_id = ? AND NOT EXISTS "
                        + "(SELECT 1 FROM draft_pitches d WHERE d.pitch_id = p.id AND d.on_day = ?) ORDER BY p.no LIMIT ?")) {
            s.setInt(1, market);
            s.setDate(2, Date.valueOf(day));
            s.setInt(3, count);
            List<Pitch> found = new ArrayList<>();
            try (ResultSet r = s.executeQuery()) {
                while (r.next()) {
                    found.add(new Pitch(r.getInt(1), r.getInt(2), r.getInt(3), r.getBoolean(4), r.getInt(5)));
                }
            }
            return found;
        }
    }

    long openDraft(Connection c, int trader) throws SQLException {
        try (PreparedStatement s = c.prepareStatement("INSERT INTO drafts (trader_id) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            s.setInt(1, trader);
            s.executeUpdate();
            try (ResultSet keys = s.getGeneratedKeys()) {
                keys.next();
                return keys.getLong(1);
            }
        }
    }

    void put(Connection c, long draft, List<Line> lines) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(
                "INSERT INTO draft_pitches (draft_id, pitch_id, on_day, charge_ct) VALUES (?, ?, ?, ?)")) {
            for (Line line : lines) {
                s.setLong(1, draft);
                s.setInt(2, line.pitch().id());
                s.setDate(3, Date.valueOf(line.day()));
                s.setInt(4, line.charge());
                s.addBatch();
            }
            s.executeBatch();
        }
    }

    int total(Connection c, long draft) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(
                "SELECT coalesce(sum(charge_ct), 0) - CASE WHEN count(*) >= 4 THEN sum(charge_ct) / 20 ELSE 0 END "
                        + "FROM draft_pitches WHERE draft_id = ?")) {
            s.setLong(1, draft);
            try (ResultSet r = s.executeQuery()) {
                r.next();
                return r.getInt(1);
            }
        }
    }

    void discard(Connection c, long draft) throws SQLException {
        try (PreparedStatement s = c.prepareStatement("DELETE FROM drafts WHERE id = ?")) {
            s.setLong(1, draft);
            s.executeUpdate();
        }
    }

    static int charge(Pitch pitch, LocalDate day) {
        int percent = switch (day.getDayOfWeek()) {
            case SATURDAY -> 140;
            case SUNDAY -> 120;
            default -> 100;
        };
        return pitch.dayRate() * pitch.meters() * percent / 100 + (pitch.power() ? 350 : 0);
    }

    /** A quote books the weeks on a draft, so that the same rules apply, and gives the draft up unless it is to be kept. */
    void quote(Context ctx) throws SQLException {
        int market = ctx.pathParamAsClass("market", Integer.class).get();
        int trader = ctx.queryParamAsClass("trader", Integer.class).get();
        int weeks = ctx.queryParamAsClass("weeks", Integer.class).getOrDefault(4);
        if (weeks < 1 || weeks > 12) {
            throw new BadRequestResponse("1 to 12 weeks");
        }
        LocalDate first = LocalDate.parse(ctx.queryParamAsClass("from", String.class).get());
        boolean keep = ctx.queryParamAsClass("keep", Boolean.class).getOrDefault(false);
        try (Connection c = source.getConnection()) {
            List<Line> lines = new ArrayList<>();
            for (Pitch pitch : free(c, market, first, 1)) {
                for (int w = 0; w < weeks; w++) {
                    LocalDate day = first.plusWeeks(w);
                    lines.add(new Line(pitch, day, charge(pitch, day)));
                }
            }
            long draft = openDraft(c, trader);
            put(c, draft, lines);
            int total = total(c, draft);
            if (!keep) {
                discard(c, draft);
            }
            ctx.contentType("application/json").result("{\"draft\":" + (keep ? draft : "null") + ",\"total\":" + total
                    + ",\"lines\":" + lines.stream().map(Line::json).collect(Collectors.joining(",", "[", "]")) + "}");
        }
    }

    void trader(Context ctx) throws SQLException {
        try (Connection c = source.getConnection();
                PreparedStatement s = c.prepareStatement("SELECT t.name, t.trade, (SELECT count(*) FROM drafts d "
                        + "WHERE d.trader_id = t.id) FROM traders t WHERE t.id = ?")) {
            s.setInt(1, ctx.pathParamAsClass("id", Integer.class).get());
            try (ResultSet r = s.executeQuery()) {
                if (!r.next()) {
                    throw new NotFoundResponse();
                }
                ctx.result(r.getString(1) + ", " + r.getString(2) + ", " + r.getInt(3) + " drafts");
            }
        }
    }

    static HikariDataSource source(URI url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(12);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) {
        Stalls stalls = new Stalls(source(URI.create(System.getenv("DATABASE_URL"))));
        Javalin app = Javalin.create(config -> config.showJavalinBanner = false);
        app.get("/status", ctx -> ctx.result("open"));
        app.post("/markets/{market}/quotes", stalls::quote);
        app.get("/traders/{id}", stalls::trader);
        app.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
