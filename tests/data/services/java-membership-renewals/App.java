import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RoutingHandler;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import java.net.URI;

/** Club memberships. */
public class App {
    private final RenewalService renewals;

    App(RenewalService renewals) {
        this.renewals = renewals;
    }

    static HikariDataSource dataSource(URI at) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("members-db");
        config.setJdbcUrl("jdbc:postgresql://" + at.getHost() + ":" + at.getPort() + at.getPath());
        config.setUsername(at.getUserInfo());
        config.setMaximumPoolSize(2);
        config.setConnectionTimeout(20_000);
        return new HikariDataSource(config);
    }

    void member(HttpServerExchange exchange) throws Exception {
        RenewalService.Member member = renewals.member(id(exchange));
        send(exchange, 200, "{\"name\":\"" + member.name() + "\",\"club\":\"" + member.club() + "\"}");
    }

    void renew(HttpServerExchange exchange) throws Exception {
        send(exchange, 201, renewals.renew(id(exchange)));
    }

    private static long id(HttpServerExchange exchange) {
        return Long.parseLong(exchange.getQueryParameters().get("id").getFirst());
    }

    static void send(HttpServerExchange exchange, int status, String body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(body);
    }

    public static void main(String[] args) {
        CardPayments payments = new CardPayments(URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        App app = new App(new RenewalService(dataSource(URI.create(System.getenv("DATABASE_URL"))), payments));
        RoutingHandler routes = new RoutingHandler()
                .get("/healthz", exchange -> send(exchange, 200, "{\"status\":\"up\"}"))
                .get("/members/{id}", new BlockingHandler(app::member))
                .post("/members/{id}/renewals", new BlockingHandler(app::renew));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(32)
                .setHandler(routes)
                .build()
                .start();
    }
}
