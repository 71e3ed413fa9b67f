import static spark.Spark.get;
import static spark.Spark.ipAddress;
import static spark.Spark.port;
import static spark.Spark.threadPool;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.dbcp2.BasicDataSource;

public class App {

    private final BasicDataSource pool;
    private final String gauges;

    App(BasicDataSource pool, String gauges) {
        this.pool = pool;
        this.gauges = gauges;
    }

    List<String> mills() throws SQLException, IOException {
        List<String> names = new ArrayList<>();
        try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
            ResultSet rows = statement.executeQuery("select name, wheel from mills where working order by name");
            while (rows.next()) {
                names.add(rows.getString("name") + " (" + rows.getInt("wheel") + " ft)");
            }
            names.add("water " + level());
        }
        return names;
    }

    private String level() throws IOException {
        try (InputStream in = new URL(gauges + "/level").openStream()) {
            return new String(in.readAllBytes());
        }
    }

    public static void main(String[] args) throws SQLException {
        BasicDataSource pool = new BasicDataSource();
        pool.setUrl("jdbc:h2:mem:mills;DB_CLOSE_DELAY=-1");
        pool.setMaxTotal(2);
        try (Connection c = pool.getConnection(); Statement s = c.createStatement()) {
            s.execute("create table mills(name varchar(40), wheel int, working boolean)");
            s.execute("insert into mills select 'mill ' || x, mod(x, 19) + 6, mod(x, 3) = 0 from system_range(1, 60)");
        }
        App app = new App(pool, "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        threadPool(60);
        get("/healthz", (request, response) -> "ok");
        get("/mills", (request, response) -> String.join("\n", app.mills()));
    }
}
