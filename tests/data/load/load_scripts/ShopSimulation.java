import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;
import io.gatling.javaapi.core.*;
import io.gatling.javaapi.http.*;
import java.time.Duration;

public class ShopSimulation extends Simulation {
  HttpProtocolBuilder http = io.gatling.javaapi.http.HttpDsl.http.baseUrl("http://127.0.0.1:18911").shareConnections();
  ScenarioBuilder shop = scenario("shop")
      .group("buy").on(exec(http("item").get("/items/1")).pause(Duration.ofMillis(100)).exec(http("orders").get("/orders")))
      .exec(http("checked").get("/items/2").check(bodyString().is("in stock")))
      .exec(http("broken").get("/broken"));
  private static io.gatling.javaapi.http.Http http(String name) { return io.gatling.javaapi.http.HttpDsl.http(name); }
  {
    setUp(shop.injectOpen(constantUsersPerSec(4).during(8), constantUsersPerSec(10).during(8))).protocols(http)
        .assertions(global().responseTime().percentile(95.0).lt(500), global().failedRequests().percent().lt(1.0));
  }
}
