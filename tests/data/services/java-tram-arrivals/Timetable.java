import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Departures of all stops; the planner replaces them as a whole now and then. */
class Timetable {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<String, List<Integer>> departures = new HashMap<>();

    void replan(int shift) {
        Map<String, List<Integer>> fresh = new HashMap<>();
        for (int stop = 0; stop < 1200; stop++) {
            List<Integer> minutes = new ArrayList<>();
            for (int minute = 300 + (stop + shift) % 9; minute < 1440; minute += 9) {
                minutes.add(minute);
            }
            fresh.put("S" + stop, minutes);
        }
        lock.writeLock().lock();
        try {
            departures.putAll(fresh);
        } finally {
            lock.writeLock().unlock();
        }
    }

    List<Integer> next(String stop, int from, int count) {
        lock.readLock().lock();
        try {
            return departures.getOrDefault(stop, List.of()).stream().filter(m -> m >= from).limit(count).toList();
        } finally {
            lock.readLock().unlock();
        }
    }
}
