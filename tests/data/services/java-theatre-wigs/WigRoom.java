import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.tomcat.jdbc.pool.DataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;

/** The wig room of a theatre: fittings of a production beside the performers' calls. */
public class WigRoom {

    /** Gives each request its session with the database. */
    static class SessionFilter extends Filter {
        private static final ThreadLocal<Connection> CURRENT = new ThreadLocal<>();
        private final DataSource source;

        SessionFilter(DataSource source) {
            this.source = source;
        }

        static Connection session() {
            return CURRENT.get();
        }

        @Override
        public void doFilter(HttpExchange ex, Chain chain) throws IOException {
            try (Connection connection = source.getConnection()) {
                connection.setReadOnly(ex.getRequestMethod().equals("GET"));
                CURRENT.set(connection);
                chain.doFilter(ex);
            } catch (SQLException e) {
                send(ex, 503, "{\"error\":\"no database\"}");
            } finally {
                CURRENT.remove();
            }
        }

        @Override
        public String description() {
            return "database session";
        }
    }

    record Fitting(int id, String performer, String wig, String at, int minutes) {
    }

    static class Fittings {
        List<Fitting> of(int production) throws SQLException {
            List<Fitting> list = new ArrayList<>();
            try (PreparedStatement s = SessionFilter.session().prepareStatement(
                    "SELECT f.id, f.performer, w.label, to_char(f.at, 'YYYY-MM-DD HH24:MI'), f.minutes FROM fittings f "
                            + "JOIN wigs w ON w.id = f.wig_id WHERE f.production_id = ? ORDER BY f.at LIMIT 40")) {
                s.setInt(1, production);
                try (ResultSet rows = s.executeQuery()) {
                    while (rows.next()) {
                        list.add(new Fitting(rows.getInt(1), rows.getString(2), rows.getString(3), rows.getString(4),
                                rows.getInt(5)));
                    }
                }
            }
            return list;
        }

        String title(int production) throws SQLException {
            try (PreparedStatement s = SessionFilter.session().prepareStatement("SELECT title FROM productions WHERE id = ?")) {
                s.setInt(1, production);
                try (ResultSet row = s.executeQuery()) {
                    return row.next() ? row.getString(1) : null;
                }
            }
        }

        String wigsNear(int circumference) throws SQLException {
            try (PreparedStatement s = SessionFilter.session().prepareStatement(
                    "SELECT label, hair FROM wigs WHERE circumference_mm BETWEEN ? - 2 AND ? + 2 ORDER BY label LIMIT 20")) {
                s.setInt(1, circumference);
                s.setInt(2, circumference);
                List<String> found = new ArrayList<>();
                try (ResultSet rows = s.executeQuery()) {
                    while (rows.next()) {
                        found.add("{\"wig\":\"" + rows.getString(1) + "\",\"hair\":\"" + rows.getString(2) + "\"}");
                    }
                }
                return "[" + String.join(",", found) + "]";
            }
        }
    }

    /** The calendar of the house. */
    static class Calls {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final String base;

        Calls(String base) {
            this.base = base;
        }

        Map<String, String> of(int production) throws IOException {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/calls/" + production)).build();
            try {
                Map<String, String> calls = new HashMap<>();
                http.send(request, HttpResponse.BodyHandlers.ofLines()).body().forEach(line -> {
                    String[] parts = line.split("=");
                    calls.put("Performer " + parts[0], parts[1]);
                });
                return calls;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }

    private final Fittings fittings = new Fittings();
    private final Calls calls;

    WigRoom(Calls calls) {
        this.calls = calls;
    }

    void productions(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        try {
            int production = Integer.parseInt(path[2]);
            String title = fittings.title(production);
            if (title == null) {
                send(ex, 404, "{\"error\":\"no such production\"}");
                return;
            }
            List<Fitting> list = fittings.of(production);
            Map<String, String> called = calls.of(production);
            String body = list.stream().map(f -> line(f, called.get(f.performer())))
                    .collect(Collectors.joining(",", "{\"production\":\"" + title + "\",\"fittings\":[", "]}"));
            send(ex, 200, body);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            send(ex, 400, "{\"error\":\"bad number\"}");
        } catch (SQLException e) {
            send(ex, 500, "{\"error\":\"database\"}");
        }
    }

    void wigs(HttpExchange ex) throws IOException {
        try {
            String size = ex.getRequestURI().getPath().substring("/wigs/size/".length());
            send(ex, 200, fittings.wigsNear(Integer.parseInt(size)));
        } catch (NumberFormatException | SQLException e) {
            send(ex, 400, "{\"error\":\"bad size\"}");
        }
    }

    static String line(Fitting f, String call) {
        return "{\"id\":" + f.id() + ",\"performer\":\"" + f.performer() + "\",\"wig\":\"" + f.wig() + "\",\"at\":\"" + f.at()
                + "\",\"minutes\":" + f.minutes() + (call == null ? "" : ",\"call\":\"" + call + "\"") + "}";
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    static DataSource database(URI url) {
        PoolProperties p = new PoolProperties();
        p.setUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        p.setUsername(url.getUserInfo());
        p.setDriverClassName("org.postgresql.Driver");
        p.setInitialSize(3);
        p.setMinIdle(3);
        p.setMaxIdle(3);
        p.setMaxActive(3);
        p.setMaxWait(10_000);
        p.setTestOnBorrow(true);
        p.setValidationQuery("SELECT 1");
        p.setValidationInterval(30_000);
        return new DataSource(p);
    }

    public static void main(String[] args) throws IOException {
        DataSource source = database(URI.create(System.getenv("DATABASE_URL")));
        WigRoom room = new WigRoom(new Calls("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        Map<String, HttpHandler> pages = Map.of("/productions/", room::productions, "/wigs/size/", room::wigs);
        pages.forEach((path, handler) -> {
            HttpContext context = server.createContext(path, handler);
            context.getFilters().add(new SessionFilter(source));
        });
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.start();
    }
}
