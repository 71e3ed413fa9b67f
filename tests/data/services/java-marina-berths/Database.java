import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

class Database {
    private final HikariDataSource source;

    Database(String url) {
        URI uri = URI.create(url);
        HikariConfig config = new HikariConfig();
        config.setPoolName("marina");
        config.setJdbcUrl("jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath());
        config.setUsername(uri.getUserInfo());
        config.setMaximumPoolSize(5);
        config.setConnectionTimeout(10_000);
        source = new HikariDataSource(config);
    }

    Connection connection() throws SQLException {
        return source.getConnection();
    }
}

/** Keeps up with what other programs of the harbour announce on the database's channels. */
class HarbourFeed {
    private final Database database;
    private final List<String> channels;
    private final Map<String, Instant> lastChange = new ConcurrentHashMap<>();

    HarbourFeed(Database database, List<String> channels) {
        this.database = database;
        this.channels = channels;
    }

    void start() {
        for (String channel : channels) {
            Thread thread = new Thread(() -> follow(channel), "feed-" + channel);
            thread.setDaemon(true);
            thread.start();
        }
    }

    String lastChange(String channel) {
        return String.valueOf(lastChange.get(channel));
    }

    private void follow(String channel) {
        while (true) {
            try (Connection connection = database.connection(); Statement statement = connection.createStatement()) {
                statement.execute("LISTEN " + channel);
                PGConnection notices = connection.unwrap(PGConnection.class);
                while (true) {
                    PGNotification[] received = notices.getNotifications(30_000);
                    if (received != null && received.length > 0) {
                        lastChange.put(channel, Instant.now());
                    }
                }
            } catch (SQLException e) {
                System.err.println("feed " + channel + ": " + e.getMessage());
            }
        }
    }
}

/** The statements about berths and stays, on the caller's connection. */
class Berths {
    private final Connection connection;

    Berths(Connection connection) {
        this.connection = connection;
    }

    List<Map<String, Object>> occupied(String pontoon, LocalDate day) throws SQLException {
        return rows("SELECT b.id, b.length_m, s.boat, s.leaves::text FROM stays s JOIN berths b ON b.id = s.berth_id "
                + "WHERE b.pontoon = ? AND s.status = 'booked' AND s.arrives <= ? AND s.arrives > ?::date - 12 AND s.leaves > ? "
                + "ORDER BY b.id", pontoon, day, day, day);
    }

    List<Map<String, Object>> free(String pontoon, LocalDate from, LocalDate to) throws SQLException {
        return rows("SELECT b.id, b.length_m, b.depth_m, b.power FROM berths b WHERE b.pontoon = ? AND NOT EXISTS "
                + "(SELECT 1 FROM stays s WHERE s.berth_id = b.id AND s.status = 'booked' AND s.arrives < ? AND s.leaves > ?) "
                + "ORDER BY b.length_m, b.id", pontoon, to, from);
    }

    List<Map<String, Object>> occupancyByDay(String pontoon, LocalDate from, LocalDate to) throws SQLException {
        return rows("SELECT s.arrives::text AS day, count(*) AS arrivals, sum(s.leaves - s.arrives) AS nights FROM stays s "
                + "JOIN berths b ON b.id = s.berth_id WHERE b.pontoon = ? AND s.arrives BETWEEN ? AND ? GROUP BY 1 ORDER BY 1",
                pontoon, from, to);
    }

    List<Map<String, Object>> tides(LocalDate day) throws SQLException {
        return rows("SELECT hour, height_m FROM tides WHERE day = ? ORDER BY hour", day);
    }

    List<Map<String, Object>> notices(String pontoon, LocalDate day) throws SQLException {
        return rows("SELECT id, text FROM notices WHERE pontoon = ? AND ? BETWEEN valid_from AND valid_to", pontoon, day);
    }

    Map<String, Object> byId(int id) throws SQLException {
        List<Map<String, Object>> found = rows("SELECT id, pontoon, length_m, depth_m, power FROM berths WHERE id = ?", id);
        return found.isEmpty() ? null : found.get(0);
    }

    int book(int berth, String boat, LocalDate arrives, LocalDate leaves) throws SQLException {
        return (Integer) rows("INSERT INTO stays (berth_id, boat, arrives, leaves, status) VALUES (?, ?, ?, ?, 'booked') "
                + "RETURNING id", berth, boat, arrives, leaves).get(0).get("id");
    }

    private List<Map<String, Object>> rows(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i] instanceof LocalDate d ? Date.valueOf(d) : values[i]);
            }
            List<Map<String, Object>> list = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                ResultSetMetaData columns = result.getMetaData();
                while (result.next()) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    for (int c = 1; c <= columns.getColumnCount(); c++) {
                        row.put(columns.getColumnLabel(c), result.getObject(c));
                    }
                    list.add(row);
                }
            }
            return list;
        }
    }
}
