import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What an appraisal rests on, so that the expert can look a figure up while the customer is still in the shop. */
class AppraisalLog {

    /** The past results that counted for each coin. */
    record Basis(String reference, int collection, long at, List<double[]> results) {
        double spread() {
            double sum = 0;
            for (double[] coin : results) {
                if (coin.length == 0) {
                    continue;
                }
                double[] sorted = coin.clone();
                Arrays.sort(sorted);
                double middle = sorted[sorted.length / 2];
                sum += (sorted[sorted.length * 9 / 10] - sorted[sorted.length / 10]) / Math.max(1, middle);
            }
            return sum / Math.max(1, results.size());
        }
    }

    record Doubtful(String reference, int collection, double spread) {
    }

    private final Map<String, Basis> open = new ConcurrentHashMap<>();
    private volatile List<Doubtful> doubtful = List.of();

    void keep(Basis basis) {
        open.put(basis.reference(), basis);
    }

    Basis find(String reference) {
        return open.get(reference);
    }

    void close(String reference) {
        open.remove(reference);
    }

    List<Doubtful> doubtful() {
        return doubtful;
    }

    /** Keeps the list of those that an expert should see. */
    void reviewEvery(long millis) {
        ScheduledExecutorService reviewer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "reviewer");
            thread.setDaemon(true);
            return thread;
        });
        reviewer.scheduleWithFixedDelay(this::review, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void review() {
        List<Doubtful> all = new ArrayList<>();
        for (Basis basis : open.values()) {
            all.add(new Doubtful(basis.reference(), basis.collection(), basis.spread()));
        }
        all.sort(Comparator.comparingDouble((Doubtful d) -> -d.spread()));
        doubtful = List.copyOf(all.subList(0, Math.min(20, all.size())));
    }
}
