import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds journeys leg by leg: each round extends every itinerary by the sailings that can still be caught. */
class Planner {
    private static final int CHANGE_MINUTES = 6;
    private static final int LONGEST_WAIT = 150;

    record Itinerary(List<Ferries.Sailing> legs, Set<String> quays) {

        static Itinerary of(Ferries.Sailing first) {
            Set<String> quays = new HashSet<>();
            quays.add(first.from());
            quays.add(first.to());
            List<Ferries.Sailing> legs = new ArrayList<>();
            legs.add(first);
            return new Itinerary(legs, quays);
        }

        Ferries.Sailing last() {
            return legs.get(legs.size() - 1);
        }

        boolean canTake(Ferries.Sailing next) {
            int wait = next.departs() - last().arrives();
            return wait >= CHANGE_MINUTES && wait <= LONGEST_WAIT && !quays.contains(next.to());
        }

        Itinerary extended(Ferries.Sailing next) {
            List<Ferries.Sailing> longer = new ArrayList<>(legs);
            longer.add(next);
            Set<String> visited = new HashSet<>(quays);
            visited.add(next.to());
            return new Itinerary(longer, visited);
        }

        int minutes() {
            return last().arrives() - legs.get(0).departs();
        }

        int fare() {
            return legs.stream().mapToInt(Ferries.Sailing::fare).sum();
        }
    }

    private final Ferries.Timetable timetable;

    Planner(Ferries.Timetable timetable) {
        this.timetable = timetable;
    }

    List<Itinerary> journeys(String from, String to, int maxLegs) {
        List<Itinerary> found = new ArrayList<>();
        List<Itinerary> open = timetable.from(from).stream().map(Itinerary::of).toList();
        for (int leg = 1; leg <= maxLegs && !open.isEmpty(); leg++) {
            List<Itinerary> next = new ArrayList<>();
            for (Itinerary itinerary : open) {
                if (itinerary.last().to().equals(to)) {
                    found.add(itinerary);
                } else if (leg < maxLegs) {
                    for (Ferries.Sailing sailing : timetable.from(itinerary.last().to())) {
                        if (itinerary.canTake(sailing)) {
                            next.add(itinerary.extended(sailing));
                        }
                    }
                }
            }
            open = next;
        }
        found.sort(Comparator.comparingInt(Itinerary::minutes).thenComparingInt(Itinerary::fare));
        return found;
    }
}
