package tolls;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.ResponseContentTypeHandler;
import java.util.Map;

/** Prices the passages that the toll gates report. */
public class PassageVerticle extends AbstractVerticle {
    private static final Map<String, Integer> CENTS = Map.of("A", 240, "B", 385, "C", 910, "D", 1320);
    private static final Map<String, Double> GATES = Map.of("bridge", 1.0, "tunnel", 1.4, "causeway", 0.8);

    private VehicleRegistry registry;

    @Override
    public void start(Promise<Void> started) {
        registry = new VehicleRegistry(config().getString("registry"));
        Router router = Router.router(vertx);
        router.get("/healthz").handler(ctx -> ctx.end("ok"));
        router.route("/gates/*").produces("application/json").handler(ResponseContentTypeHandler.create());
        router.post("/gates/:gate/passages/:plate").handler(this::recordPassage);
        vertx.createHttpServer().requestHandler(router)
                .listen(config().getInteger("port"), "127.0.0.1")
                .<Void>mapEmpty().onComplete(started);
    }

    private void recordPassage(RoutingContext ctx) {
        String gate = ctx.pathParam("gate");
        String plate = ctx.pathParam("plate").toUpperCase();
        if (!GATES.containsKey(gate) || !plate.matches("[A-Z0-9]{3,9}")) {
            ctx.response().setStatusCode(404).end();
            return;
        }
        vertx.<JsonObject>executeBlocking(() -> price(gate, plate))
                .onSuccess(passage -> ctx.response().setStatusCode(201).end(passage.encode()))
                .onFailure(ctx::fail);
    }

    private JsonObject price(String gate, String plate) throws Exception {
        VehicleRegistry.Vehicle vehicle = registry.lookup(plate);
        double cents = CENTS.get(vehicle.category()) * GATES.get(gate);
        if (vehicle.axles() > 2) {
            cents *= 1 + 0.15 * (vehicle.axles() - 2);
        }
        return new JsonObject().put("gate", gate).put("plate", plate).put("class", vehicle.category())
                .put("axles", vehicle.axles()).put("cents", Math.round(cents));
    }
}
