import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.DoubleSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What is measured of the jobs, summed up for the wall display. */
class ServiceLevels {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ScheduledExecutorService display = Executors.newSingleThreadScheduledExecutor(r -> {
        Thread thread = new Thread(r, "wall-display");
        thread.setDaemon(true);
        return thread;
    });
    private volatile Map<String, Double> latest = Map.of();

    void start() {
        display.scheduleWithFixedDelay(this::sumUp, 500, 750, TimeUnit.MILLISECONDS);
    }

    void routed(String kind, long nanos) {
        Timer.builder("dispatch.routing")
                .tag("kind", kind)
                .publishPercentiles(0.5, 0.95)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    void follow(Dispatch.Job job) {
        Gauge.builder("dispatch.eta", job, Dispatch.Job::nearest)
                .tag("kind", job.kind)
                .tag("job", Long.toString(job.number))
                .baseUnit("minutes")
                .strongReference(true)
                .register(registry);
    }

    private void sumUp() {
        Map<String, DoubleSummaryStatistics> etas = new TreeMap<>();
        for (Gauge gauge : registry.find("dispatch.eta").gauges()) {
            etas.computeIfAbsent(gauge.getId().getTag("kind"), k -> new DoubleSummaryStatistics()).accept(gauge.value());
        }
        Map<String, Double> sums = new TreeMap<>();
        etas.forEach((kind, eta) -> {
            sums.put("eta " + kind + " mean", eta.getAverage());
            sums.put("eta " + kind + " max", eta.getMax());
        });
        for (Timer timer : registry.find("dispatch.routing").timers()) {
            HistogramSnapshot snapshot = timer.takeSnapshot();
            sums.put("routing " + timer.getId().getTag("kind") + " count", (double) snapshot.count());
            sums.put("routing " + timer.getId().getTag("kind") + " mean ms", snapshot.mean(TimeUnit.MILLISECONDS));
        }
        latest = sums;
    }

    Map<String, Double> latest() {
        return latest;
    }
}
