import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What was asked last, for the page of statistics. */
class RecentCache {
    static class Entry {
        final String what;
        final long at;

        Entry(String what, long at) {
            this.what = what;
            this.at = at;
        }
    }

    private final Deque<Entry> entries = new ArrayDeque<>();

    synchronized void add(String what) {
        entries.addLast(new Entry(what, System.nanoTime()));
        if (entries.size() > 100) {
            entries.removeFirst();
        }
    }

    synchronized List<Entry> last() {
        return List.copyOf(entries);
    }
}
