import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Savings accounts as a list of events; a member's history is found by replaying them. */
class Ledger {
    record Event(int day, String pot, long cents) {
    }

    record Snapshot(int day, Map<String, Long> balances) {
        Snapshot after(Event event) {
            Map<String, Long> next = new HashMap<>(balances);
            next.merge(event.pot(), event.cents(), Long::sum);
            return new Snapshot(event.day(), next);
        }

        long total() {
            return balances.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    private static final String[] POTS = {"holiday", "roof", "car", "school", "gifts", "rainy-day", "garden", "bike"};
    private final Map<String, List<Event>> events = new HashMap<>();

    Ledger(int members, int eventsEach) {
        for (int m = 0; m < members; m++) {
            List<Event> list = new ArrayList<>(eventsEach);
            for (int i = 0; i < eventsEach; i++) {
                String pot = POTS[(i * 7 + m) % POTS.length] + "-" + (i * 31 + m) % 5;
                list.add(new Event(i / 3, pot, (i * 137L + m) % 9000 - 2500));
            }
            events.put("M" + (300 + m), list);
        }
    }

    boolean knows(String member) {
        return events.containsKey(member);
    }

    List<Snapshot> replay(String member) {
        List<Snapshot> history = new ArrayList<>();
        Snapshot current = new Snapshot(0, Map.of());
        for (Event event : events.get(member)) {
            current = current.after(event);
            history.add(current);
        }
        return history;
    }
}
