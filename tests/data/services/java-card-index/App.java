import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Executors;

public class App {
    static final ThreadLocal<Connection> connections = ThreadLocal.withInitial(App::connect);

    static Connection connect() {
        URI at = URI.create(System.getenv("DATABASE_URL"));
        try {
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + at.getHost() + ":" + at.getPort() + at.getPath(),
                    at.getUserInfo().split(":")[0],
                    "");
        } catch (SQLException problem) {
            throw new IllegalStateException(problem);
        }
    }

    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.setExecutor(Executors.newFixedThreadPool(12));
        server.createContext("/healthz", exchange -> answer(exchange, 200, "{\"ok\":true}"));
        server.createContext("/cards", App::handle);
        server.start();
    }

    static void handle(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        try {
            answer(exchange, 200, find(query.substring(query.indexOf('=') + 1)));
        } catch (SQLException problem) {
            answer(exchange, 500, "{\"error\":\"" + problem.getMessage() + "\"}");
        }
    }

    static String find(String owner) throws SQLException {
        StringBuilder found = new StringBuilder("[");
        try (PreparedStatement statement = connections.get().prepareStatement(
                "SELECT id, shelf, body FROM cards WHERE lower(owner) = lower(?) ORDER BY id")) {
            statement.setString(1, owner);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (found.length() > 1) {
                        found.append(',');
                    }
                    found.append("{\"id\":").append(rows.getInt("id"))
                            .append(",\"shelf\":").append(rows.getInt("shelf")).append('}');
                }
            }
        }
        return found.append(']').toString();
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
