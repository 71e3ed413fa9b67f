import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.javalin.Javalin;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import javax.sql.DataSource;

public class App {

    static class Seals {
        private final DataSource source;
        private final String notary;

        Seals(DataSource source, String notary) {
            this.source = source;
            this.notary = notary;
        }

        long issue(String office) throws Exception {
            try (Connection connection = source.getConnection()) {
                connection.setAutoCommit(false);
                long number = next(connection);
                confirm(number);
                try (PreparedStatement insert = connection.prepareStatement("insert into seals(id, office) values (?, ?)")) {
                    insert.setLong(1, number);
                    insert.setString(2, office);
                    insert.executeUpdate();
                }
                connection.commit();
                return number;
            }
        }

        private long next(Connection connection) throws Exception {
            try (PreparedStatement update = connection.prepareStatement(
                    "update counters set value = value + 1 where name = 'seal' returning value")) {
                ResultSet row = update.executeQuery();
                row.next();
                return row.getLong(1);
            }
        }

        private void confirm(long number) throws Exception {
            try (InputStream in = new URL(notary + "/seals/" + number).openStream()) {
                in.readAllBytes();
            }
        }
    }

    public static void main(String[] args) {
        URI at = URI.create(System.getenv("DATABASE_URL").replaceFirst("^postgres(ql)?://", "http://"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + at.getHost() + ":" + at.getPort() + at.getPath());
        String[] who = (at.getUserInfo() == null ? "postgres" : at.getUserInfo()).split(":");
        config.setUsername(who[0]);
        config.setPassword(who.length > 1 ? who[1] : "");
        config.setMaximumPoolSize(16);
        Seals seals = new Seals(new HikariDataSource(config), "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Javalin.create()
                .get("/healthz", ctx -> ctx.result("ok"))
                .post("/seals", ctx -> ctx.result("{\"seal\":" + seals.issue("north") + "}"))
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
