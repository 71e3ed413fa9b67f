import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.TimerTask;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.zip.CRC32;

/** One cruise and its places. A basket that is not paid for within the time is given up. */
class Cruise {
    static final List<String> DECKS = List.of("upper", "main", "bow");
    private static final long HOLD_MINUTES = 20;
    private static final int ROWS = 150;
    private static final Timer EXPIRY = new Timer("hold-expiry", true);
    private static final AtomicLong NUMBERS = new AtomicLong(40_000);

    /** The places that a guest has in his basket, and how much he would like each of the others. */
    static final class Hold {
        private final String name;
        private final List<Integer> places;
        private final double[] wishes;
        private final byte[] plan;
        private TimerTask expiry;

        Hold(String name, List<Integer> places, double[] wishes, byte[] plan) {
            this.name = name;
            this.places = places;
            this.wishes = wishes;
            this.plan = plan;
        }

        List<Integer> places() {
            return places;
        }

        /** The mark by which the app knows whether it has this drawing of the deck already. */
        String planMark() {
            CRC32 crc = new CRC32();
            crc.update(plan);
            return Long.toHexString(crc.getValue());
        }

        long comfort() {
            return Math.round(places.stream().mapToDouble(p -> wishes[p]).sum());
        }
    }

    private final int number;
    private final String boat;
    private final int width;
    private final Set<Hold> holds = Collections.newSetFromMap(new WeakHashMap<>());
    private final AtomicLong sold = new AtomicLong();

    Cruise(int number, String boat, int width) {
        this.number = number;
        this.boat = boat;
        this.width = width;
    }

    Hold hold(String name, String deck, int seats) {
        double[] wishes = wishes(deck, seats);
        double[] rivals = rivals(wishes.length);
        List<Integer> places = IntStream.range(0, wishes.length).boxed()
                .sorted(Comparator.comparingDouble(p -> rivals[p] - wishes[p])).limit(seats).toList();
        Hold hold = new Hold(name, places, wishes, drawn(wishes));
        hold.expiry = new TimerTask() {
            @Override
            public void run() {
                release(hold);
            }
        };
        synchronized (holds) {
            holds.add(hold);
        }
        EXPIRY.schedule(hold.expiry, TimeUnit.MINUTES.toMillis(HOLD_MINUTES));
        return hold;
    }

    String confirm(Hold hold) {
        hold.expiry.cancel();
        sold.addAndGet(hold.places.size());
        return "B" + number + "-" + NUMBERS.incrementAndGet();
    }

    void release(Hold hold) {
        hold.expiry.cancel();
        synchronized (holds) {
            holds.remove(hold);
        }
    }

    /** How much those who are choosing just now want each place. */
    private double[] rivals(int places) {
        List<Hold> others;
        synchronized (holds) {
            others = new ArrayList<>(holds);
        }
        double[] rivals = new double[places];
        for (Hold other : others) {
            for (int p = 0; p < places; p++) {
                rivals[p] += Math.max(0, other.wishes[p] - 1) * 0.05;
            }
            other.places.forEach(p -> rivals[p] += 100);
        }
        return rivals;
    }

    /** What a group thinks of each place: a view over the rail, not behind the funnel, the group's seats together. */
    private double[] wishes(String deck, int seats) {
        double[] wishes = new double[ROWS * width];
        double height = deck.equals("upper") ? 6.5 : deck.equals("bow") ? 3.2 : 2.4;
        for (int row = 0; row < ROWS; row++) {
            for (int seat = 0; seat < width; seat++) {
                int rail = Math.min(seat, width - 1 - seat);
                double together = rail + seats <= width ? 1 : 0.4;
                double funnel = Math.abs(row - 70) < 5 ? 1.5 : 0;
                wishes[row * width + seat] = height / (1 + rail * 0.6) * together + row % 7 * 0.05 - funnel;
            }
        }
        return wishes;
    }

    /** The deck in shades of grey, four by four dots a place. */
    private byte[] drawn(double[] wishes) {
        byte[] plan = new byte[wishes.length * 16];
        for (int row = 0; row < ROWS * 4; row++) {
            for (int seat = 0; seat < width; seat++) {
                byte shade = (byte) Math.min(255, Math.max(0, wishes[row / 4 * width + seat] * 32));
                int at = (row * width + seat) * 4;
                plan[at] = plan[at + 1] = plan[at + 2] = plan[at + 3] = shade;
            }
        }
        return plan;
    }

    String json() {
        int choosing;
        synchronized (holds) {
            choosing = holds.size();
        }
        return "{\"cruise\":" + number + ",\"boat\":\"" + boat + "\",\"sold\":" + sold + ",\"choosing\":" + choosing + "}";
    }
}
