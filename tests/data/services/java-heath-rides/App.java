import io.vertx.core.AbstractVerticle;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayDeque;
import java.util.Deque;

public class App extends AbstractVerticle {
    private static final Deque<String> RECENT = new ArrayDeque<>();
    private final String stable = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/ponies";

    private String rides() throws IOException {
        try (InputStream in = new URL(stable).openStream()) {
            String answer = new String(in.readAllBytes());
            synchronized (RECENT) {
                RECENT.addLast(answer);
                while (RECENT.size() > 200) {
                    RECENT.removeFirst();
                }
            }
            return answer;
        }
    }

    @Override
    public void start() {
        Router router = Router.router(vertx);
        router.get("/healthz").handler(context -> context.end("ok"));
        router.get("/rides").handler(context -> vertx.executeBlocking(this::rides, false)
                .onSuccess(context::end)
                .onFailure(context::fail));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(Integer.parseInt(System.getenv("PORT"))))
                .requestHandler(router)
                .listen();
    }

    public static void main(String[] args) {
        Vertx.vertx().deployVerticle(new App());
    }
}
