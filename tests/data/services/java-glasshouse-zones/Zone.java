import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/** One zone: its beds dry out by the weather and are watered in cycles. */
class Zone {

    record Run(double liters, int minutes, int cycles) {}

    private static final int BEDS = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final String id;
    private final String crop;
    private final double squareMeters;
    private final WaterBudget budget;
    private final double[] moisture = new double[BEDS];
    private final Deque<Run> recent = new ArrayDeque<>();
    private double demand;

    Zone(String id, String crop, double squareMeters, WaterBudget budget) {
        this.id = id;
        this.crop = crop;
        this.squareMeters = squareMeters;
        this.budget = budget;
        for (int i = 0; i < BEDS; i++) {
            moisture[i] = 0.35 + i * 7 % 11 * 0.02;
        }
    }

    String id() {
        return id;
    }

    Run water(double celsius, double humidity) {
        lock.lock();
        try {
            double wanted = dryOut(celsius, humidity);
            demand = 0.8 * demand + 0.2 * wanted;
            double given = budget.reserve(this, wanted);
            soak(given);
            Run run = new Run(given, (int) Math.ceil(given / 18), given > 60 ? 3 : 1);
            recent.addFirst(run);
            if (recent.size() > 50) {
                recent.removeLast();
            }
            return run;
        } finally {
            lock.unlock();
        }
    }

    /** Runs the beds through the next hours minute by minute; what is missing at the end is wanted. */
    private double dryOut(double celsius, double humidity) {
        double pressure = 0.6108 * Math.exp(17.27 * celsius / (celsius + 237.3)) * (1 - humidity / 100);
        double missing = 0;
        for (int bed = 0; bed < BEDS; bed++) {
            double m = moisture[bed];
            for (int minute = 0; minute < 240; minute++) {
                m -= pressure * 0.00021 * Math.sqrt(Math.max(0.01, m)) * (1 + 0.3 * Math.sin(minute / 38.0));
            }
            moisture[bed] = Math.max(0.08, m);
            missing += Math.max(0, 0.4 - m);
        }
        return missing / BEDS * squareMeters * 120;
    }

    private void soak(double liters) {
        double each = liters / squareMeters / 120;
        for (int bed = 0; bed < BEDS; bed++) {
            moisture[bed] = Math.min(0.55, moisture[bed] + each);
        }
    }

    /** What the zone is likely to ask for next. */
    double outlook() {
        lock.lock();
        try {
            return demand * (crop.equals("orchid") ? 0.7 : 1) + recent.stream().mapToDouble(Run::liters).average().orElse(0) * 0.1;
        } finally {
            lock.unlock();
        }
    }

    String json() {
        lock.lock();
        try {
            double mean = 0;
            for (double m : moisture) {
                mean += m / BEDS;
            }
            return String.format("{\"id\":\"%s\",\"crop\":\"%s\",\"moisture\":%.3f,\"runs\":%d}", id, crop, mean, recent.size());
        } finally {
            lock.unlock();
        }
    }
}
