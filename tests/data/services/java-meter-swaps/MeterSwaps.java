import com.google.gson.Gson;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The fitters' app of a water works reports here which meter was taken out and which was put in. */
public class MeterSwaps {
    private static final Gson GSON = new Gson();

    record Meter(int id, String street, String serial, String installedOn) {
    }

    record Swap(int meter, String oldSerial, String newSerial, String receipt) {
    }

    /** The grid operator wants to know of each new meter. */
    static class GridRegister {
        private record Answer(boolean accepted, String receipt) {
        }

        private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2)).build();
        private final URI base;

        GridRegister(String base) {
            this.base = URI.create(base);
        }

        String announce(Meter meter, String serial) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(base.resolve("/meters/" + meter.id()))
                    .timeout(Duration.ofSeconds(5))
                    .PUT(HttpRequest.BodyPublishers.ofString(GSON.toJson(Map.of("out", meter.serial(), "in", serial))))
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            Answer answer = GSON.fromJson(response.body(), Answer.class);
            if (response.statusCode() != 200 || !answer.accepted()) {
                throw new IOException("the register refused " + serial);
            }
            return answer.receipt();
        }
    }

    static class Meters {
        Meter find(Connection connection, int id) throws SQLException {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT id, street, serial, installed_on FROM meters WHERE id = ?")) {
                select.setInt(1, id);
                try (ResultSet row = select.executeQuery()) {
                    return row.next() ? new Meter(row.getInt(1), row.getString(2), row.getString(3), row.getString(4)) : null;
                }
            }
        }

        void store(Connection connection, Swap swap) throws SQLException {
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO swaps (meter_id, old_serial, new_serial, receipt) VALUES (?, ?, ?, ?)")) {
                insert.setInt(1, swap.meter());
                insert.setString(2, swap.oldSerial());
                insert.setString(3, swap.newSerial());
                insert.setString(4, swap.receipt());
                insert.executeUpdate();
            }
        }

        List<Swap> latest(Connection connection, int meter) throws SQLException {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT meter_id, old_serial, new_serial, receipt FROM swaps WHERE meter_id = ? ORDER BY done_at DESC LIMIT 10")) {
                select.setInt(1, meter);
                List<Swap> swaps = new ArrayList<>();
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        swaps.add(new Swap(row.getInt(1), row.getString(2), row.getString(3), row.getString(4)));
                    }
                }
                return swaps;
            }
        }
    }

    private final DataSource source;
    private final Meters meters = new Meters();
    private final GridRegister register;

    MeterSwaps(DataSource source, GridRegister register) {
        this.source = source;
        this.register = register;
    }

    void swap(Context ctx) throws SQLException, IOException, InterruptedException {
        int id = ctx.pathParamAsClass("id", Integer.class).get();
        String serial = ctx.queryParamAsClass("serial", String.class).check(s -> s.matches("[A-Z0-9]{4,20}"), "bad serial").get();
        try (Connection connection = source.getConnection()) {
            Meter meter = meters.find(connection, id);
            if (meter == null) {
                json(ctx.status(404), Map.of("error", "no such meter"));
                return;
            }
            String receipt = register.announce(meter, serial);
            Swap swap = new Swap(id, meter.serial(), serial, receipt);
            meters.store(connection, swap);
            json(ctx.status(201), swap);
        }
    }

    void meter(Context ctx) throws SQLException {
        int id = ctx.pathParamAsClass("id", Integer.class).get();
        try (Connection connection = source.getConnection()) {
            Meter meter = meters.find(connection, id);
            json(ctx, meter == null ? Map.of() : Map.of("meter", meter, "swaps", meters.latest(connection, id)));
        }
    }

    static void json(Context ctx, Object value) {
        ctx.contentType("application/json").result(GSON.toJson(value));
    }

    static DataSource dataSource() {
        URI url = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(3);
        config.setConnectionTimeout(10_000);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) {
        MeterSwaps app = new MeterSwaps(dataSource(), new GridRegister("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .post("/meters/{id}/swap", app::swap)
                .get("/meters/{id}", app::meter)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
