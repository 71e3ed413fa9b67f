package nursery;

import static spark.Spark.awaitInitialization;
import static spark.Spark.before;
import static spark.Spark.exception;
import static spark.Spark.get;
import static spark.Spark.halt;
import static spark.Spark.ipAddress;
import static spark.Spark.path;
import static spark.Spark.port;
import static spark.Spark.threadPool;

import com.google.gson.Gson;
import java.net.URI;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.dbcp2.BasicDataSource;
import spark.Request;
import spark.Response;

/** Glass houses of a nursery: beds, waterings, and what the inspectors found. */
public class Main {

    private final BedReports reports;

    Main(BedReports reports) {
        this.reports = reports;
    }

    static BasicDataSource dataSource(URI url) {
        BasicDataSource source = new BasicDataSource();
        source.setUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        source.setUsername(url.getUserInfo().split(":")[0]);
        source.setMaxTotal(16);
        source.setMaxIdle(16);
        source.setMinIdle(4);
        source.setPoolPreparedStatements(true);
        return source;
    }

    private static int number(Request request, String name) {
        try {
            return Integer.parseInt(request.params(name));
        } catch (NumberFormatException e) {
            throw halt(404);
        }
    }

    private static LocalDate day(Request request, String name) {
        String text = request.queryParamOrDefault(name, "");
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw halt(422, "{\"error\":\"" + name + " must be a day\"}");
        }
    }

    private static String advice(BedReports.Summary bed, LocalDate to) {
        if (bed.lastWatered() == null) {
            return "dry";
        }
        long days = LocalDate.parse(bed.lastWatered()).until(to).getDays();
        return bed.findings() > 8 ? "treat" : days > 2 ? "water" : "leave";
    }

    Object beds(Request request, Response response) throws SQLException {
        int house = number(request, ":house");
        LocalDate from = day(request, "from");
        LocalDate to = day(request, "to");
        if (!reports.knowsHouse(house)) {
            throw halt(404);
        }
        List<BedReports.Summary> beds = reports.summaries(house, from, to);
        Map<String, String> advice = new LinkedHashMap<>();
        beds.forEach(bed -> advice.put(bed.label(), advice(bed, to)));
        return Map.of("house", house, "beds", beds, "advice", advice);
    }

    Object waterings(Request request, Response response) throws SQLException {
        return reports.waterings(number(request, ":bed"));
    }

    public static void main(String[] args) {
        Main main = new Main(new BedReports(dataSource(URI.create(System.getenv("DATABASE_URL")))));
        Gson gson = new Gson();
        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        threadPool(30, 6, 30_000);
        get("/healthz", (request, response) -> "ok");
        path("/houses/:house", () -> {
            before("/*", (request, response) -> response.type("application/json"));
            get("/beds", main::beds, gson::toJson);
        });
        get("/beds/:bed/waterings", main::waterings, gson::toJson);
        exception(SQLException.class, (e, request, response) -> {
            response.status(503);
            response.body("{\"error\":\"the books are closed\"}");
        });
        awaitInitialization();
    }
}
