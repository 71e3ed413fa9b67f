import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

public class App {

    static class Stats {
        private final Map<Integer, Integer> asked = new HashMap<>();

        synchronized int count(int rope) {
            return asked.merge(rope, 1, Integer::sum);
        }
    }

    static class Ropes {
        private final HikariDataSource pool;
        private final HttpClient http = HttpClient.newHttpClient();
        private final Stats stats = new Stats();

        Ropes(HikariDataSource pool) {
            this.pool = pool;
        }

        String rope(int number) throws Exception {
            String name = name(number);
            HttpRequest request = HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/strength/" + number)).build();
            String strength = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return name + " " + strength + " " + stats.count(number);
        }

        private String name(int number) throws SQLException {
            try (Connection c = pool.getConnection();
                    PreparedStatement find = c.prepareStatement("select name from ropes where id = ?")) {
                find.setInt(1, number);
                ResultSet row = find.executeQuery();
                row.next();
                return row.getString(1);
            }
        }
    }

    static void send(HttpExchange ex, int status, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(status, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:mem:ropes;DB_CLOSE_DELAY=-1");
        config.setMaximumPoolSize(2);
        HikariDataSource pool = new HikariDataSource(config);
        try (Connection c = pool.getConnection(); Statement s = c.createStatement()) {
            s.execute("create table ropes(id int primary key, name varchar(30))");
            s.execute("insert into ropes select x, 'rope ' || x from system_range(1, 500)");
        }
        Ropes ropes = new Ropes(pool);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "ok"));
        server.createContext("/ropes/", ex -> {
            try {
                send(ex, 200, ropes.rope(Integer.parseInt(ex.getRequestURI().getPath().substring(7))));
            } catch (Exception e) {
                send(ex, 500, e.toString());
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(12));
        server.start();
    }
}
