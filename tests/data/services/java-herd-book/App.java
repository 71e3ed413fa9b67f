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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;

public class App {
    private static HikariDataSource source;

    record Cow(int id, String name) {}

    public static void main(String[] args) throws Exception {
        URI database = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + database.getHost() + ":" + database.getPort() + database.getPath());
        config.setUsername(database.getUserInfo().split(":")[0]);
        source = new HikariDataSource(config);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.createContext("/healthz", exchange -> answer(exchange, 200, "{\"ok\":true}"));
        server.createContext("/herds/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            try (Connection connection = source.getConnection()) {
                answer(exchange, 200, book(connection, Integer.parseInt(path.substring(7))));
            } catch (SQLException problem) {
                answer(exchange, 500, "{\"error\":\"" + problem.getMessage() + "\"}");
            }
        });
        server.start();
    }

    static String book(Connection connection, int herd) throws SQLException {
        StringBuilder lines = new StringBuilder("[");
        for (Cow cow : cows(connection, herd)) {
            lines.append(lines.length() > 1 ? "," : "").append("{\"cow\":\"").append(cow.name())
                    .append("\",\"last\":\"").append(lastCalving(connection, cow.id())).append("\"}");
        }
        return lines.append("]").toString();
    }

    static List<Cow> cows(Connection connection, int herd) throws SQLException {
        List<Cow> cows = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT id, name FROM cows WHERE herd = ? ORDER BY id")) {
            statement.setInt(1, herd);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    cows.add(new Cow(rows.getInt(1), rows.getString(2)));
                }
            }
        }
        return cows;
    }

    static String lastCalving(Connection connection, int cow) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT max(on_day) FROM calvings WHERE cow_id = ?")) {
            statement.setInt(1, cow);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
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
