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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** The song book of a folk club: draws the songs of an evening, shows one, lists those of a region. */
public class SongBook {

    record Song(int id, String title, String mode, String region, String firstLine) {
        String json() {
            return "{\"id\":" + id + ",\"title\":" + quoted(title) + ",\"mode\":" + quoted(mode)
                    + ",\"region\":" + quoted(region) + ",\"firstLine\":" + quoted(firstLine) + "}";
        }
    }

    /** What the club's archive holds. */
    static class Archive {
        private static final String SONG = "SELECT s.id, s.title, s.mode, r.name, s.first_line FROM songs s "
                + "JOIN regions r ON r.id = s.region_id ";
        private final DataSource database;

        Archive(DataSource database) {
            this.database = database;
        }

        List<Song> draw(String language, int count) throws SQLException {
            return songs(SONG + "WHERE s.language = ? ORDER BY random() LIMIT ?", language, count);
        }

        List<Song> ofRegion(int region, int limit) throws SQLException {
            return songs(SONG + "WHERE s.region_id = ? ORDER BY s.notated_on DESC LIMIT ?", region, limit);
        }

        Song song(int id) throws SQLException {
            List<Song> found = songs(SONG + "WHERE s.id = ?", id);
            return found.isEmpty() ? null : found.get(0);
        }

        Map<Integer, Integer> timesSung(List<Song> songs) throws SQLException {
            Map<Integer, Integer> times = new LinkedHashMap<>();
            try (Connection c = database.getConnection();
                    PreparedStatement s = c.prepareStatement(
                            "SELECT song_id, count(*) FROM singings WHERE song_id = ANY (?) GROUP BY song_id")) {
                s.setArray(1, c.createArrayOf("int4", songs.stream().map(Song::id).toArray()));
                try (ResultSet rows = s.executeQuery()) {
                    while (rows.next()) {
                        times.put(rows.getInt(1), rows.getInt(2));
                    }
                }
            }
            return times;
        }

        private List<Song> songs(String sql, Object... arguments) throws SQLException {
            List<Song> songs = new ArrayList<>();
            try (Connection c = database.getConnection(); PreparedStatement s = c.prepareStatement(sql)) {
                for (int i = 0; i < arguments.length; i++) {
                    s.setObject(i + 1, arguments[i]);
                }
                try (ResultSet rows = s.executeQuery()) {
                    while (rows.next()) {
                        songs.add(new Song(rows.getInt(1), rows.getString(2), rows.getString(3), rows.getString(4),
                                rows.getString(5)));
                    }
                }
            }
            return songs;
        }
    }

    interface Page {
        String show(HttpExchange ex) throws Exception;
    }

    private final Archive archive;

    SongBook(Archive archive) {
        this.archive = archive;
    }

    String draw(HttpExchange ex) throws SQLException {
        Map<String, String> asked = query(ex.getRequestURI());
        int count = Math.min(40, Integer.parseInt(asked.getOrDefault("count", "10")));
        List<Song> songs = archive.draw(asked.getOrDefault("language", "en"), count);
        Map<Integer, Integer> times = archive.timesSung(songs);
        return songs.stream()
                .map(s -> "{\"song\":" + s.json() + ",\"sung\":" + times.getOrDefault(s.id(), 0) + "}")
                .collect(Collectors.joining(",", "{\"evening\":[", "]}"));
    }

    String region(HttpExchange ex) throws SQLException {
        int region = Integer.parseInt(query(ex.getRequestURI()).getOrDefault("region", "1"));
        return archive.ofRegion(region, 50).stream().map(Song::json).collect(Collectors.joining(",", "[", "]"));
    }

    String song(HttpExchange ex) throws SQLException {
        String path = ex.getRequestURI().getPath();
        Song song = archive.song(Integer.parseInt(path.substring(path.lastIndexOf('/') + 1)));
        return song == null ? null : song.json();
    }

    static Map<String, String> query(URI uri) {
        Map<String, String> asked = new LinkedHashMap<>();
        if (uri.getQuery() != null) {
            for (String pair : uri.getQuery().split("&")) {
                String[] kv = pair.split("=", 2);
                asked.put(kv[0], kv.length == 2 ? kv[1] : "");
            }
        }
        return asked;
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static void answer(HttpExchange ex, Page page) throws IOException {
        int status = 200;
        String body;
        try {
            body = page.show(ex);
            if (body == null) {
                status = 404;
                body = "{\"error\":\"not found\"}";
            }
        } catch (NumberFormatException e) {
            status = 400;
            body = "{\"error\":\"not a number\"}";
        } catch (Exception e) {
            status = 500;
            body = "{\"error\":" + quoted(String.valueOf(e.getMessage())) + "}";
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    static DataSource database(URI url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(12);
        config.setMinimumIdle(4);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) throws IOException {
        SongBook book = new SongBook(new Archive(database(URI.create(System.getenv("DATABASE_URL")))));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> answer(ex, e -> "{\"status\":\"ok\"}"));
        server.createContext("/songs/draw", ex -> answer(ex, book::draw));
        server.createContext("/songs/by-region", ex -> answer(ex, book::region));
        server.createContext("/songs/", ex -> answer(ex, book::song));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
