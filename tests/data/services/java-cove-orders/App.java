import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;

public class App {

    record Line(String article, int cents) {
    }

    record Order(int id, String customer, List<Line> lines) {
        int total() {
            return lines.stream().mapToInt(Line::cents).sum();
        }
    }

    static class Orders {
        private final HikariDataSource source;

        Orders(HikariDataSource source) {
            this.source = source;
        }

        List<Order> open() throws SQLException {
            List<Order> found = new ArrayList<>();
            try (Connection c = source.getConnection();
                    PreparedStatement s = c.prepareStatement("select id, customer from orders where state = 'open' order by id");
                    ResultSet rows = s.executeQuery()) {
                while (rows.next()) {
                    found.add(new Order(rows.getInt(1), rows.getString(2), lines(c, rows.getInt(1))));
                }
            }
            return found;
        }

        private List<Line> lines(Connection c, int order) throws SQLException {
            List<Line> lines = new ArrayList<>();
            try (PreparedStatement s = c.prepareStatement("select article, cents from line_items where order_id = ?")) {
                s.setInt(1, order);
                ResultSet rows = s.executeQuery();
                while (rows.next()) {
                    lines.add(new Line(rows.getString(1), rows.getInt(2)));
                }
            }
            return lines;
        }
    }

    static void send(HttpExchange ex, int status, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(status, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws IOException {
        URI at = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + at.getHost() + ":" + at.getPort() + at.getPath());
        String[] who = at.getUserInfo() == null ? new String[] {"postgres"} : at.getUserInfo().split(":");
        config.setUsername(who[0]);
        config.setPassword(who.length > 1 ? who[1] : "");
        config.setMaximumPoolSize(12);
        Orders orders = new Orders(new HikariDataSource(config));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "ok"));
        server.createContext("/orders/open", ex -> {
            try {
                int total = orders.open().stream().mapToInt(Order::total).sum();
                send(ex, 200, "{\"cents\":" + total + "}");
            } catch (SQLException e) {
                send(ex, 500, e.toString());
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
