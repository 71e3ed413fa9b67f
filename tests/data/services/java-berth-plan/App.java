import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;

public class App {
    private static final int PLAN_LOCK = 8801;
    private static HikariDataSource source;

    public static void main(String[] args) throws Exception {
        URI database = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + database.getHost() + ":" + database.getPort() + database.getPath());
        config.setUsername(database.getUserInfo().split(":")[0]);
        config.setMaximumPoolSize(16);
        source = new HikariDataSource(config);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/healthz", exchange -> answer(exchange, 200, "{\"ok\":true}"));
        server.createContext("/berths", exchange -> {
            try {
                answer(exchange, 200, assign(3, "Marie"));
            } catch (SQLException problem) {
                answer(exchange, 500, "{\"error\":\"" + problem.getMessage() + "\"}");
            }
        });
        server.start();
    }

    static String assign(int harbour, String ship) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_advisory_xact_lock(" + PLAN_LOCK + ")");
            }
            int depth = lowestTide(connection);
            int berth = take(connection, harbour, ship);
            connection.commit();
            return "{\"berth\":" + berth + ",\"depth\":" + depth + "}";
        }
    }

    static int lowestTide(Connection connection) throws SQLException {
        String sql = "SELECT min(cm) FROM tides WHERE at BETWEEN timestamptz '2025-01-02' AND timestamptz '2025-05-01'";
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }

    static int take(Connection connection, int harbour, String ship) throws SQLException {
        String sql = "UPDATE berths SET taken_by = ?, since = now() WHERE id = ("
                + "SELECT id FROM berths WHERE harbour = ? ORDER BY since NULLS FIRST, id LIMIT 1) RETURNING id";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, ship);
            statement.setInt(2, harbour);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }


    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
