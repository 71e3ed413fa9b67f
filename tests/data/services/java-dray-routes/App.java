import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Executors;

public class App {
    static HikariDataSource source;
    static final HttpClient http = HttpClient.newHttpClient();
    static final String upstream = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");

    public static void main(String[] args) throws Exception {
        URI database = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + database.getHost() + ":" + database.getPort() + database.getPath());
        config.setUsername(database.getUserInfo().split(":")[0]);
        config.setMaximumPoolSize(2);
        source = new HikariDataSource(config);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.createContext("/healthz", exchange -> answer(exchange, 200, "{\"ok\":true}"));
        server.createContext("/routes/", App::handle);
        server.start();
    }

    static void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try {
            answer(exchange, 200, route(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1))));
        } catch (SQLException | InterruptedException problem) {
            answer(exchange, 500, "{\"error\":\"" + problem.getMessage() + "\"}");
        }
    }

    static String route(int id) throws SQLException, IOException, InterruptedException {
        try (Connection connection = source.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT name, stops FROM routes WHERE id = ?")) {
            statement.setInt(1, id);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return "{}";
                }
                String eta = travelTime(row.getString("name"));
                return "{\"name\":\"" + row.getString("name") + "\",\"stops\":" + row.getInt("stops")
                        + ",\"eta\":" + eta + "}";
            }
        }
    }

    static String travelTime(String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(upstream + "/travel")).build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
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
