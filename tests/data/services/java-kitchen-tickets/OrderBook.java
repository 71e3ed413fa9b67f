package kitchen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.stereotype.Service;

/** What the tables have ordered, and how much of it they still wait for. */
@Service
public class OrderBook {

    public record Dish(String name, int cents, int cookingMillis) {
    }

    public record Placed(long order, int table, List<Long> tickets, int cents, String slip) {
    }

    static class Order {
        final long id;
        final int table;
        final int cents;
        int open;

        Order(long id, int table, int cents, int open) {
            this.id = id;
            this.table = table;
            this.cents = cents;
            this.open = open;
        }
    }

    private static final Map<String, Dish> CARD = new TreeMap<>();

    static {
        for (Dish dish : List.of(new Dish("soup", 690, 120), new Dish("trout", 2150, 450), new Dish("pie", 780, 80),
                new Dish("salad", 940, 60), new Dish("lamb", 2680, 700), new Dish("cheese", 1120, 40))) {
            CARD.put(dish.name(), dish);
        }
    }

    private final ReentrantLock books = new ReentrantLock();
    private final Map<Long, Order> open = new LinkedHashMap<>();
    private final Map<Integer, Integer> revenue = new HashMap<>();
    private final PassBoard pass;
    private long lastOrder;

    public OrderBook(PassBoard pass) {
        this.pass = pass;
        pass.whenServed(this::served);
    }

    public boolean offers(String dish) {
        return CARD.containsKey(dish);
    }

    public List<Dish> card() {
        return List.copyOf(CARD.values());
    }

    public Placed place(int table, List<String> dishes, int guests) {
        books.lock();
        try {
            long id = ++lastOrder;
            int cents = dishes.stream().mapToInt(name -> CARD.get(name).cents()).sum() + guests * 120;
            open.put(id, new Order(id, table, cents, dishes.size()));
            List<Long> tickets = new ArrayList<>();
            for (String name : dishes) {
                tickets.add(pass.enqueue(id, table, name, CARD.get(name).cookingMillis()));
            }
            return new Placed(id, table, tickets, cents, slip(id, table, dishes, guests, cents));
        } finally {
            books.unlock();
        }
    }

    private static String slip(long id, int table, List<String> dishes, int guests, int cents) {
        StringBuilder slip = new StringBuilder(String.format("No. %d  table %d  covers %d%n", id, table, guests));
        Map<String, Integer> counts = new TreeMap<>();
        dishes.forEach(name -> counts.merge(name, 1, Integer::sum));
        counts.forEach((name, count) -> slip.append(
                String.format("%2d x %-12s %8.2f%n", count, name, count * CARD.get(name).cents() / 100.0)));
        return slip.append(String.format("total %21.2f%n", cents / 100.0)).toString();
    }

    private void served(PassBoard.Ticket ticket) {
        books.lock();
        try {
            Order order = open.get(ticket.order());
            if (order != null && --order.open == 0) {
                open.remove(order.id);
                revenue.merge(order.table, order.cents, Integer::sum);
            }
        } finally {
            books.unlock();
        }
    }

    public Map<String, Object> table(int table) {
        books.lock();
        try {
            long waiting = open.values().stream().filter(order -> order.table == table).mapToInt(order -> order.open).sum();
            return Map.of("table", table, "waiting", waiting, "cents", revenue.getOrDefault(table, 0));
        } finally {
            books.unlock();
        }
    }
}
