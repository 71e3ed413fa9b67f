package dairy;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Intake of a milk cooperative. */
public class App extends Handler.Abstract {

    record Intake(int farm, BigDecimal liters, BigDecimal celsius) {
        boolean plausible() {
            return farm > 0 && liters != null && liters.signum() > 0 && celsius != null && celsius.doubleValue() < 12;
        }
    }

    private static final Pattern DAIRY = Pattern.compile("/dairies/(\\d{1,6})/(deliveries|totals)");
    private static final Pattern FARM = Pattern.compile("/farms/(\\d{1,6})/deliveries");

    private final Deliveries deliveries;
    private final Gson gson;

    App(Deliveries deliveries, Gson gson) {
        this.deliveries = deliveries;
        this.gson = gson;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        Matcher dairy = DAIRY.matcher(path);
        Matcher farm = FARM.matcher(path);
        if (path.equals("/status")) {
            reply(response, callback, 200, Map.of("status", "up"));
        } else if (dairy.matches() && dairy.group(2).equals("totals")) {
            reply(response, callback, 200, deliveries.totals(Integer.parseInt(dairy.group(1))));
        } else if (dairy.matches() && request.getMethod().equals("POST")) {
            accept(Integer.parseInt(dairy.group(1)), request, response, callback);
        } else if (farm.matches()) {
            reply(response, callback, 200, deliveries.ofFarm(Integer.parseInt(farm.group(1))));
        } else {
            return false;
        }
        return true;
    }

    private void accept(int dairy, Request request, Response response, Callback callback) throws Exception {
        Intake intake;
        try {
            intake = gson.fromJson(Content.Source.asString(request, StandardCharsets.UTF_8), Intake.class);
        } catch (JsonParseException e) {
            reply(response, callback, 400, Map.of("error", "not JSON"));
            return;
        }
        if (intake == null || !intake.plausible()) {
            reply(response, callback, 422, Map.of("error", "farm, liters and celsius are needed"));
            return;
        }
        reply(response, callback, 201, deliveries.accept(dairy, intake.farm(), intake.liters(), intake.celsius()));
    }

    private void reply(Response response, Callback callback, int status, Object body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, gson.toJson(body), callback);
    }

    static HikariDataSource dataSource(URI url) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("intake");
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo().split(":")[0]);
        config.setMaximumPoolSize(20);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) throws Exception {
        Gson gson = new Gson();
        URI laboratory = URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/samples");
        Deliveries deliveries = new Deliveries(dataSource(URI.create(System.getenv("DATABASE_URL"))),
                new Deliveries.Laboratory(laboratory, gson));
        Server server = new Server(new QueuedThreadPool(64, 8));
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        server.setHandler(new App(deliveries, gson));
        server.start();
        server.join();
    }
}
