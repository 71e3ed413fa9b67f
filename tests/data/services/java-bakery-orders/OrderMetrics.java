import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The figures of the order desk, for the dashboard. */
class OrderMetrics {
    private final MeterRegistry registry = new SimpleMeterRegistry();

    void placed(String shop, int pieces) {
        Counter.builder("orders.pieces").tag("shop", shop).register(registry).increment(pieces);
    }

    void quoted(String shop, String orderNumber, long nanos) {
        Timer.builder("orders.quote")
                .description("Time from the basket to the price")
                .tag("shop", shop)
                .tag("order", orderNumber)
                .publishPercentiles(0.5, 0.95, 0.99)
                .percentilePrecision(2)
                .distributionStatisticExpiry(Duration.ofMinutes(10))
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    String report() {
        return registry.find("orders.pieces").counters().stream()
                .map(c -> c.getId().getTag("shop") + " " + (long) c.count())
                .sorted()
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
