package dives;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import spark.Request;
import spark.Response;
import spark.Spark;

/** The log books of some diving clubs. */
public class DiveApp {
    record Line(int dive, LocalDate on, String site, String water, String diver, List<String> buddies, int minutes, double depth,
                double litresUsed, double perMinute, List<String> remarks) {}

    private final SqlSessionFactory sessions;
    private final Gson gson = new GsonBuilder()
            .registerTypeAdapter(LocalDate.class, (JsonSerializer<LocalDate>) (d, t, c) -> new JsonPrimitive(d.toString()))
            .create();

    DiveApp(HikariDataSource pool) {
        Configuration configuration = new Configuration(new Environment("main", new JdbcTransactionFactory(), pool));
        configuration.setMapUnderscoreToCamelCase(true);
        configuration.addMapper(DiveMapper.class);
        sessions = new SqlSessionFactoryBuilder().build(configuration);
    }

    private static int number(String text) {
        if (text == null || !text.matches("\\d{1,7}")) {
            Spark.halt(400, "{\"error\":\"a number is needed\"}");
        }
        return Integer.parseInt(text);
    }

    Object dives(Request request, Response response) {
        int year = number(request.queryParamOrDefault("year", "2025"));
        int id = number(request.params("club"));
        List<Line> lines = new ArrayList<>();
        Map<String, Object> answer = new LinkedHashMap<>();
        try (SqlSession session = sessions.openSession(true)) {
            DiveMapper mapper = session.getMapper(DiveMapper.class);
            DiveMapper.Club club = mapper.club(id);
            if (club == null) {
                response.status(404);
                return gson.toJson(Map.of("error", "no such club"));
            }
            for (DiveMapper.Dive dive : mapper.between(id, LocalDate.of(year, 1, 1), LocalDate.of(year + 1, 1, 1))) {
                lines.add(line(dive));
            }
            answer.put("club", club.name);
            answer.put("divers", club.divers);
        }
        answer.put("minutes", lines.stream().mapToInt(Line::minutes).sum());
        answer.put("dives", lines);
        return gson.toJson(answer);
    }

    /** What the log book's page shows of a dive, with what the dive officer should look at. */
    private static Line line(DiveMapper.Dive dive) {
        double used = dive.cylinders.stream().mapToDouble(DiveMapper.Cylinder::used).sum();
        double bar = 1 + dive.depth / 20;
        double perMinute = Math.round(used / dive.minutes / bar * 10) / 10.0;
        List<String> remarks = new ArrayList<>();
        if (dive.depth > dive.site.maxDepth) {
            remarks.add("deeper than the site");
        }
        if (dive.buddies.stream().noneMatch(b -> b.grade.equals("gold")) && dive.depth > 20) {
            remarks.add("no gold diver");
        }
        if (dive.cylinders.stream().anyMatch(c -> c.barOut < 50)) {
            remarks.add("reserve used");
        }
        return new Line(dive.id, dive.divedOn, dive.site.name, dive.site.water, dive.diver,
                dive.buddies.stream().map(b -> b.name).toList(), dive.minutes, dive.depth, used, perMinute, remarks);
    }

    Object addBuddy(Request request, Response response) {
        try (SqlSession session = sessions.openSession(true)) {
            int added = session.getMapper(DiveMapper.class).addBuddy(number(request.params("dive")), number(request.params("diver")));
            response.status(added == 1 ? 201 : 200);
            return gson.toJson(Map.of("added", added));
        }
    }

    private static HikariDataSource pool(URI url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(12);
        config.setPoolName("logbook");
        return new HikariDataSource(config);
    }

    public static void main(String[] args) {
        DiveApp app = new DiveApp(pool(URI.create(System.getenv("DATABASE_URL"))));
        Spark.ipAddress("127.0.0.1");
        Spark.port(Integer.parseInt(System.getenv("PORT")));
        Spark.threadPool(20);
        Spark.before((request, response) -> response.type("application/json"));
        Spark.get("/healthz", (request, response) -> "\"ok\"");
        Spark.get("/clubs/:club/dives", app::dives);
        Spark.put("/dives/:dive/buddies/:diver", app::addBuddy);
        Spark.awaitInitialization();
    }
}
