import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

interface PriceListener {
    void priceChanged(String metal, double perGram);
}

/** The prices of the day; they follow the market, and what our customers ask for. */
class PriceBoard {
    private final Map<String, Double> perGram = new ConcurrentHashMap<>(Map.of("gold", 71.4, "silver", 0.83, "platinum", 29.7));
    private final List<PriceListener> listeners = new CopyOnWriteArrayList<>();

    void subscribe(PriceListener listener) {
        listeners.add(listener);
    }

    void unsubscribe(PriceListener listener) {
        listeners.remove(listener);
    }

    double price(String metal) {
        Double price = perGram.get(metal);
        if (price == null) {
            throw new IllegalArgumentException("no price for " + metal);
        }
        return price;
    }

    Map<String, Double> prices() {
        return perGram;
    }

    void move(String metal, double factor) {
        double price = perGram.merge(metal, factor, (old, by) -> Math.max(0.01, old * by));
        for (PriceListener listener : listeners) {
            listener.priceChanged(metal, price);
        }
    }

    /** A large enquiry moves our own price a little, down again with the next. */
    void demand(String metal, double grams) {
        double sway = Math.sin(grams + System.nanoTime() % 1000) * 1e-5;
        move(metal, 1 + sway);
    }
}

/** A quote that stays current: it follows the prices until it is given out. */
class Quote implements PriceListener {
    private final long number;
    private final List<App.Item> items;
    private final double[] prices;
    private final LocalTime valid = LocalTime.now().plusMinutes(320);
    private double[] totals = new double[0];
    private double start;
    private double low;
    private double high;

    Quote(long number, List<App.Item> items, PriceBoard board) {
        this.number = number;
        this.items = items;
        this.prices = items.stream().mapToDouble(item -> board.price(item.metal())).toArray();
        board.subscribe(this);
    }

    @Override
    public void priceChanged(String metal, double perGram) {
        for (int i = 0; i < prices.length; i++) {
            if (items.get(i).metal().equals(metal)) {
                prices[i] = perGram;
            }
        }
        range();
    }

    /** Where the total may go: each path is a course of prices over the minutes that the quote is valid. */
    void walk(int paths) {
        SplittableRandom random = new SplittableRandom(number);
        start = total();
        totals = new double[paths * 320];
        for (int path = 0; path < paths; path++) {
            double course = 1;
            for (int minute = 0; minute < 320; minute++) {
                course *= 1 + (random.nextDouble() - 0.5) * 0.0012;
                totals[path * 320 + minute] = start * course;
            }
        }
        range();
    }

    private double total() {
        double sum = 0;
        for (int i = 0; i < prices.length; i++) {
            App.Item item = items.get(i);
            sum += item.grams() * item.pieces() * prices[i] * (item.pieces() > 10 ? 1.012 : 1.025);
        }
        return sum;
    }

    /** The range of what the paths come to in the end, at the prices of now. */
    private void range() {
        double lowest = Double.MAX_VALUE;
        double highest = 0;
        double shift = total() / start;
        for (int end = 319; end < totals.length; end += 320) {
            lowest = Math.min(lowest, totals[end] * shift);
            highest = Math.max(highest, totals[end] * shift);
        }
        low = lowest;
        high = highest;
    }

    App.Answer answer() {
        return new App.Answer(number, Math.rint(total() * 100) / 100, low, high, valid.toString());
    }
}
