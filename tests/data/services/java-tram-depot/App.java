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
import java.util.concurrent.Executors;
import javax.sql.DataSource;

public class App {

    static class Depot {
        private final DataSource source;
        private final HttpClient http = HttpClient.newHttpClient();
        private final String base;

        Depot(DataSource source, String base) {
            this.source = source;
            this.base = base;
        }

        String service(int tram) throws SQLException, IOException, InterruptedException {
            try (Connection connection = source.getConnection();
                    PreparedStatement find = connection.prepareStatement("select line, kilometres from trams where id = ?")) {
                find.setInt(1, tram);
                try (ResultSet row = find.executeQuery()) {
                    row.next();
                    String due = workshop(tram, row.getInt(2));
                    return "{\"line\":\"" + row.getString(1) + "\",\"workshop\":" + due + "}";
                }
            }
        }

        private String workshop(int tram, int kilometres) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/due/" + tram + "?km=" + kilometres)).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    static DataSource database() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:h2:mem:depot;DB_CLOSE_DELAY=-1");
        config.setMaximumPoolSize(3);
        HikariDataSource source = new HikariDataSource(config);
        try (Connection c = source.getConnection(); Statement s = c.createStatement()) {
            s.execute("create table trams(id int primary key, line varchar(10), kilometres int)");
            s.execute("insert into trams select x, 'L' || mod(x, 9), x * 917 from system_range(1, 400)");
        }
        return source;
    }

    static void send(HttpExchange ex, int status, String text) throws IOException {
        byte[] bytes = text.getBytes();
        ex.sendResponseHeaders(status, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    public static void main(String[] args) throws Exception {
        Depot depot = new Depot(database(), "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "ok"));
        server.createContext("/trams/", ex -> {
            try {
                send(ex, 200, depot.service(Integer.parseInt(ex.getRequestURI().getPath().split("/")[2])));
            } catch (SQLException | InterruptedException e) {
                send(ex, 500, e.toString());
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(40));
        server.start();
    }
}
