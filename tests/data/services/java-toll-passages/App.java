package tolls;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;

public class App {
    public static void main(String[] args) {
        JsonObject config = new JsonObject()
                .put("port", Integer.parseInt(System.getenv("PORT")))
                .put("registry", "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Vertx vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(20));
        vertx.deployVerticle(PassageVerticle::new, new DeploymentOptions().setInstances(1).setConfig(config))
                .onFailure(error -> {
                    error.printStackTrace();
                    System.exit(1);
                });
    }
}
