import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Works out which tents to put up for a party, when, and for how much. */
class QuoteService {
    record Enquiry(int guests, int nights, int from, String site, List<String> extras) {}

    record Line(String what, int count, double price) {}

    record Quote(long number, int day, List<Line> lines, double total, int considered) {}

    record Tent(String name, int seats, double base, double perNight, int owned) {}

    private static final List<Tent> TENTS = List.of(
            new Tent("chinese hat", 24, 95, 40, 30), new Tent("frame 6x9", 60, 260, 90, 14),
            new Tent("frame 9x12", 110, 430, 150, 9), new Tent("frame 12x18", 220, 820, 260, 5),
            new Tent("sailcloth 44", 90, 990, 280, 4), new Tent("stretch 10x15", 100, 610, 210, 6));
    private static final Map<String, Double> EXTRAS = Map.of("floor", 3.1, "heating", 2.2, "stage", 1.4, "lining", 4.6);
    private static final int SEASON = 214;

    /** One combination of tents on one day. */
    static class Option {
        final int day;
        final int[] counts;
        final int seats;
        final double price;

        Option(int day, int[] counts, int seats, double price) {
            this.day = day;
            this.counts = counts;
            this.seats = seats;
            this.price = price;
        }
    }

    /** What is worked out for one enquiry, until it is quoted. */
    static class Draft {
        final Enquiry enquiry;
        final Map<Integer, List<Option>> byDay = new HashMap<>();
        final long number;
        volatile int[] wanted;

        Draft(long number, Enquiry enquiry) {
            this.number = number;
            this.enquiry = enquiry;
        }

        /** How many tents of a kind it may still take on a day, as long as it is not quoted. */
        int wants(int day, int tent) {
            int[] counts = wanted;
            if (counts == null || day < enquiry.from() || day >= enquiry.from() + enquiry.nights()) {
                return 0;
            }
            return counts[tent];
        }
    }

    private final AtomicLong numbers = new AtomicLong(40_000);
    private final Map<Long, Draft> drafts = new ConcurrentHashMap<>();
    private final int[][] booked = new int[SEASON][TENTS.size()];
    private final ScheduledThreadPoolExecutor reaper = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "draft-reaper");
        thread.setDaemon(true);
        return thread;
    });

    QuoteService() {
        for (int day = 0; day < SEASON; day++) {
            for (int t = 0; t < TENTS.size(); t++) {
                booked[day][t] = (day * 7 + t * 5) % (TENTS.get(t).owned() + 1);
            }
        }
    }

    int openDrafts() {
        return drafts.size();
    }

    /** Quotes for the wished day or, where it is cheaper, one within the four weeks around it. */
    Quote quote(Enquiry enquiry) {
        Draft draft = new Draft(numbers.incrementAndGet(), enquiry);
        drafts.put(draft.number, draft);
        ScheduledFuture<?> expiry = reaper.schedule(() -> drafts.remove(draft.number), 30, TimeUnit.MINUTES);
        try {
            for (int day = Math.max(0, enquiry.from() - 14); day < Math.min(SEASON, enquiry.from() + 14); day++) {
                consider(draft, day);
            }
            return cheapest(draft);
        } finally {
            draft.wanted = null;
            expiry.cancel(false);
        }
    }

    private void consider(Draft draft, int day) {
        int[] free = new int[TENTS.size()];
        for (int t = 0; t < free.length; t++) {
            free[t] = TENTS.get(t).owned() - booked[day][t] - heldBack(draft, day, t);
        }
        List<Option> options = new ArrayList<>();
        fill(draft.enquiry, day, free, 0, new int[TENTS.size()], 0, options);
        options.sort((a, b) -> Double.compare(a.price, b.price));
        draft.byDay.put(day, new ArrayList<>(options.subList(0, Math.min(20, options.size()))));
        if (day == draft.enquiry.from() && !options.isEmpty()) {
            draft.wanted = options.get(0).counts;
        }
    }

    /** Tents that other customers are just being quoted for. */
    private int heldBack(Draft draft, int day, int tent) {
        int held = 0;
        for (Draft other : drafts.values()) {
            if (other != draft) {
                held += other.wants(day, tent);
            }
        }
        return held;
    }

    private void fill(Enquiry enquiry, int day, int[] free, int t, int[] counts, int seats, List<Option> options) {
        if (seats >= enquiry.guests()) {
            options.add(new Option(day, counts.clone(), seats, price(enquiry, day, counts)));
            return;
        }
        if (t == TENTS.size()) {
            return;
        }
        int most = Math.min(3, free[t]);
        for (int n = 0; n <= most; n++) {
            counts[t] = n;
            fill(enquiry, day, free, t + 1, counts, seats + n * TENTS.get(t).seats(), options);
        }
        counts[t] = 0;
    }

    private double price(Enquiry enquiry, int day, int[] counts) {
        double sum = 0;
        for (int t = 0; t < counts.length; t++) {
            Tent tent = TENTS.get(t);
            sum += counts[t] * (tent.base() + tent.perNight() * enquiry.nights());
        }
        for (String extra : enquiry.extras()) {
            sum += EXTRAS.getOrDefault(extra, 0.0) * enquiry.guests();
        }
        double weekend = day % 7 >= 5 ? 1.25 : 1.0;
        return sum * weekend * (enquiry.site().equals("beach") ? 1.1 : 1.0);
    }

    private Quote cheapest(Draft draft) {
        Option best = null;
        int considered = 0;
        for (List<Option> options : draft.byDay.values()) {
            for (Option option : options) {
                considered++;
                if (best == null || option.price < best.price) {
                    best = option;
                }
            }
        }
        if (best == null) {
            return new Quote(draft.number, draft.enquiry.from(), List.of(), 0, 0);
        }
        List<Line> lines = new ArrayList<>();
        for (int t = 0; t < best.counts.length; t++) {
            if (best.counts[t] > 0) {
                Tent tent = TENTS.get(t);
                lines.add(new Line(tent.name(), best.counts[t],
                        best.counts[t] * (tent.base() + tent.perNight() * draft.enquiry.nights())));
            }
        }
        return new Quote(draft.number, best.day, lines, Math.round(best.price * 100) / 100.0, considered);
    }

    List<Tent> tents() {
        return TENTS;
    }
}
