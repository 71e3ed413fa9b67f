import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What each depot holds and what of it is promised to whom. */
class StockBook {
    record Depot(String id, Map<String, Integer> onHand, List<Reservation> recent, long version) {
    }

    record Reservation(String sku, int quantity, String shelf, long number) {
    }

    private static final int RECENT = 20;

    private final ConcurrentHashMap<String, Depot> depots = new ConcurrentHashMap<>();
    private final ShelfFinder shelves;

    StockBook(ShelfFinder shelves) {
        this.shelves = shelves;
        for (String id : List.of("north", "quay", "ring-road", "airport")) {
            Map<String, Integer> onHand = new HashMap<>();
            for (int i = 0; i < 60; i++) {
                onHand.put("SKU-" + (2000 + i * 13), 500_000 + i);
            }
            depots.put(id, new Depot(id, onHand, List.of(), 1));
        }
    }

    boolean knows(String id) {
        return depots.containsKey(id);
    }

    Reservation reserve(String depotId, String sku, int quantity) {
        Depot after = depots.compute(depotId, (id, depot) -> {
            int left = depot.onHand().getOrDefault(sku, 0) - quantity;
            if (left < 0) {
                throw new IllegalStateException("only " + (left + quantity) + " of " + sku);
            }
            String shelf = shelves.find(id, sku, quantity);
            Map<String, Integer> onHand = new HashMap<>(depot.onHand());
            onHand.put(sku, left);
            List<Reservation> recent = new ArrayList<>(depot.recent());
            if (recent.size() == RECENT) {
                recent.remove(0);
            }
            recent.add(new Reservation(sku, quantity, shelf, depot.version() + 1));
            return new Depot(id, onHand, recent, depot.version() + 1);
        });
        return after.recent().get(after.recent().size() - 1);
    }

    int left(String depotId, String sku) {
        return depots.get(depotId).onHand().getOrDefault(sku, 0);
    }
}
