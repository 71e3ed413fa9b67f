import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Deque;
import java.util.Map;
import org.apache.commons.dbcp2.BasicDataSource;

/** A pottery's kilns: members ask for shelves in a firing and learn what it costs. */
public class Kilns {

    record Kiln(int id, String name, int shelves, int top, String fuel) {}

    static class NotPossible extends RuntimeException {
        final int status;

        NotPossible(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    private static final Map<String, Integer> CONES = Map.of("06", 999, "04", 1063, "5", 1186, "6", 1222, "10", 1285);

    private final Work work;
    private final EnergyPrices prices;

    Kilns(Work work, EnergyPrices prices) {
        this.work = work;
        this.prices = prices;
    }

    private Kiln kiln(Connection c, int id) throws SQLException {
        try (PreparedStatement s = c.prepareStatement("SELECT name, shelves, top_celsius, fuel FROM kilns WHERE id = ?")) {
            s.setInt(1, id);
            try (ResultSet r = s.executeQuery()) {
                if (!r.next()) {
                    throw new NotPossible(404, "no such kiln");
                }
                return new Kiln(id, r.getString(1), r.getInt(2), r.getInt(3), r.getString(4));
            }
        }
    }

    private int firingsOf(Connection c, int member) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(
                "SELECT count(*) FROM (SELECT 1 FROM firings WHERE member_id = ? ORDER BY asked_at DESC LIMIT 20) f")) {
            s.setInt(1, member);
            try (ResultSet r = s.executeQuery()) {
                r.next();
                return r.getInt(1);
            }
        }
    }

    private static double energy(Kiln kiln, int celsius, int shelves) {
        double whole = 0.042 * celsius + 0.00006 * celsius * celsius;
        return whole * (0.35 + 0.65 * shelves / kiln.shelves()) * (kiln.fuel().equals("gas") ? 1.6 : 1);
    }

    String ask(int kilnId, int member, String cone, int shelves) throws Exception {
        Integer celsius = CONES.get(cone);
        if (celsius == null) {
            throw new NotPossible(422, "no such cone");
        }
        return work.transaction(c -> {
            Kiln kiln = kiln(c, kilnId);
            if (celsius > kiln.top() || shelves > kiln.shelves()) {
                throw new NotPossible(409, kiln.name() + " cannot do that");
            }
            double kwh = energy(kiln, celsius, shelves);
            double price = kwh * prices.now(kiln.fuel()) * (firingsOf(c, member) >= 20 ? 0.9 : 1) + 250;
            try (PreparedStatement s = c.prepareStatement("INSERT INTO firings (kiln_id, member_id, cone, shelves, energy_kwh, price_ct) "
                    + "VALUES (?, ?, ?, ?, ?, ?) RETURNING id")) {
                s.setInt(1, kilnId);
                s.setInt(2, member);
                s.setString(3, cone);
                s.setInt(4, shelves);
                s.setDouble(5, kwh);
                s.setInt(6, (int) Math.round(price));
                try (ResultSet r = s.executeQuery()) {
                    r.next();
                    return String.format("{\"firing\":%d,\"kiln\":\"%s\",\"kwh\":%.1f,\"price\":%.2f}", r.getLong(1), kiln.name(), kwh, price / 100);
                }
            }
        });
    }

    String latest(int kilnId) throws Exception {
        return work.transaction(c -> {
            StringBuilder list = new StringBuilder("[");
            try (PreparedStatement s = c.prepareStatement(
                    "SELECT id, cone, shelves FROM firings WHERE kiln_id = ? ORDER BY asked_at DESC LIMIT 15")) {
                s.setInt(1, kilnId);
                try (ResultSet r = s.executeQuery()) {
                    while (r.next()) {
                        list.append(list.length() > 1 ? "," : "").append(String.format("{\"id\":%d,\"cone\":\"%s\",\"shelves\":%d}",
                                r.getLong(1), r.getString(2), r.getInt(3)));
                    }
                }
            }
            return list.append("]").toString();
        });
    }

    static String param(HttpServerExchange ex, String name, String or) {
        String inPath = ex.getAttachment(PathTemplateMatch.ATTACHMENT_KEY).getParameters().get(name);
        Deque<String> inQuery = ex.getQueryParameters().get(name);
        return inPath != null ? inPath : inQuery != null ? inQuery.peekFirst() : or;
    }

    interface Answer {
        String to(HttpServerExchange ex) throws Exception;
    }

    static HttpHandler json(Answer answer) {
        return new BlockingHandler(ex -> {
            ex.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
            try {
                ex.getResponseSender().send(answer.to(ex));
            } catch (NotPossible problem) {
                ex.setStatusCode(problem.status).getResponseSender().send("{\"error\":\"" + problem.getMessage() + "\"}");
            }
        });
    }

    public static void main(String[] args) {
        URI url = URI.create(System.getenv("DATABASE_URL"));
        BasicDataSource source = new BasicDataSource();
        source.setUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        source.setUsername(url.getUserInfo());
        source.setInitialSize(2);
        source.setMaxTotal(Integer.getInteger("db.connections", 3));
        Kilns kilns = new Kilns(new Work(source), new EnergyPrices("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        HttpHandler routes = Handlers.routing()
                .get("/alive", ex -> ex.getResponseSender().send("alive"))
                .get("/kilns/{kiln}/firings", json(ex -> kilns.latest(Integer.parseInt(param(ex, "kiln", "")))))
                .post("/kilns/{kiln}/firings", json(ex -> kilns.ask(Integer.parseInt(param(ex, "kiln", "")),
                        Integer.parseInt(param(ex, "member", "0")), param(ex, "cone", "6"), Integer.parseInt(param(ex, "shelves", "1")))));
        Undertow.builder().addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1").setIoThreads(2).setWorkerThreads(32)
                .setHandler(routes).build().start();
    }
}
