import io.vertx.core.AbstractVerticle;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class App extends AbstractVerticle {

    static class FeedHandler implements Handler<RoutingContext> {
        private final HttpClient client = HttpClient.newHttpClient();
        private final String base;

        FeedHandler(String base) {
            this.base = base;
        }

        @Override
        public void handle(RoutingContext context) {
            try {
                context.response().putHeader("content-type", "application/json").end(picked());
            } catch (IOException | InterruptedException e) {
                context.fail(e);
            }
        }

        private String picked() throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/rows/today")).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    @Override
    public void start() {
        Router router = Router.router(vertx);
        router.get("/healthz").handler(context -> context.end("ok"));
        router.get("/picked").handler(new FeedHandler("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(System.getenv("PORT"))))
                .requestHandler(router)
                .listen();
    }

    public static void main(String[] args) {
        Vertx.vertx().deployVerticle(new App());
    }
}
