import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

class Auction {
    private final Map<String, Lot> lots = new LinkedHashMap<>();
    private final Board board = new Board();

    Auction(int count) {
        String[] kinds = {"Oil painting", "Wall clock", "Silver tray", "Side table", "Atlas", "Violin"};
        for (int i = 1; i <= count; i++) {
            String number = Integer.toString(i);
            lots.put(number, new Lot(number, kinds[i % kinds.length] + " no. " + i, 50 + i * 13 % 700, board));
        }
    }

    void open() {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "board-clock"));
        clock.scheduleWithFixedDelay(() -> board.redraw(lots.values()), 200, 200, TimeUnit.MILLISECONDS);
    }

    Lot lot(String number) {
        return lots.get(number);
    }

    Board board() {
        return board;
    }
}

/** One lot and who leads. */
class Lot {
    record State(String lot, String title, long price, String leader, int bids) {
    }

    private final String number;
    private final String title;
    private final Board board;
    private final Deque<String> bidders = new ArrayDeque<>();
    private long price;
    private int bids;

    Lot(String number, String title, long price, Board board) {
        this.number = number;
        this.title = title;
        this.price = price;
        this.board = board;
    }

    synchronized State bid(String bidder, int step) {
        price += step;
        bids++;
        bidders.addFirst(bidder);
        if (bidders.size() > 20) {
            bidders.removeLast();
        }
        State state = summary();
        board.announce(state);
        return state;
    }

    synchronized State summary() {
        return new State(number, title, price, bidders.peekFirst(), bids);
    }
}

/** What the screen in the hall shows: the lots in order of price, and the last bids below. */
class Board {
    private final Deque<String> ticker = new ArrayDeque<>();
    private List<String> rows = List.of();
    private long turnover;

    synchronized void announce(Lot.State state) {
        ticker.addFirst(String.format(Locale.ROOT, "%s: %,d by %s", state.title(), state.price(), state.leader()));
        if (ticker.size() > 12) {
            ticker.removeLast();
        }
    }

    synchronized void redraw(Iterable<Lot> lots) {
        List<String> drawn = new ArrayList<>();
        long sum = 0;
        for (Lot lot : lots) {
            Lot.State state = lot.summary();
            sum += state.bids() > 0 ? state.price() : 0;
            drawn.add(String.format(Locale.ROOT, "%5s %-30s %,10d %s", state.lot(), state.title(), state.price(),
                    state.leader() == null ? "-" : state.leader()));
        }
        rows = drawn;
        turnover = sum;
    }

    synchronized Map<String, Object> shown() {
        return Map.of("rows", rows, "ticker", List.copyOf(ticker), "turnover", turnover);
    }
}
