import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;

/** A nursery's grafts: which scion on which stock, and how they took. */
public class App {
    private static final String URL = "jdbc:sqlite:grafts.db";
    private static final String OF_ROW = "SELECT scion, count(*), avg(taken) FROM grafts WHERE bed = ? GROUP BY scion ORDER BY 3 DESC";

    static void fill() throws SQLException {
        try (Connection db = DriverManager.getConnection(URL); Statement statement = db.createStatement()) {
            statement.executeUpdate("CREATE TABLE grafts (id INTEGER PRIMARY KEY, bed TEXT, scion TEXT, stock TEXT, taken INTEGER, note TEXT)");
            statement.executeUpdate("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
                    + " INSERT INTO grafts SELECT i, 'bed-' || (i * 7919 % 2503), 'scion-' || (i % 37), 'stock-' || (i % 5), i % 3 > 0,"
                    + " 'grafted by hand in a dry week' FROM n");
        }
    }

    static String takes(String bed) throws SQLException {
        StringBuilder found = new StringBuilder("[");
        try (Connection db = DriverManager.getConnection(URL); PreparedStatement query = db.prepareStatement(OF_ROW)) {
            query.setString(1, bed);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    found.append(found.length() > 1 ? "," : "").append("{\"scion\":\"").append(rows.getString(1))
                            .append("\",\"taken\":").append(rows.getDouble(3)).append('}');
                }
            }
        }
        return found.append(']').toString();
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (var out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws Exception {
        fill();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> answer(exchange, 200, "\"ok\""));
        server.createContext("/beds/", exchange -> {
            try {
                answer(exchange, 200, takes(exchange.getRequestURI().getPath().split("/")[2]));
            } catch (SQLException e) {
                answer(exchange, 500, "\"" + e.getMessage() + "\"");
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
