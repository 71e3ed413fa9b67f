package kitchen;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The screen at the pass: tickets that the cooks work on, and what has gone out. */
@Component
public class PassBoard {

    public record Ticket(long number, long order, int table, String dish, long dueAt) {
    }

    private static final int SHOWN = 24;

    private final Clock clock = Clock.systemUTC();
    private final AtomicLong numbers = new AtomicLong(10_000);
    private final Deque<Ticket> tickets = new ArrayDeque<>();
    private final List<String> screen = new ArrayList<>();
    private final List<Consumer<Ticket>> listeners = new CopyOnWriteArrayList<>();

    public void whenServed(Consumer<Ticket> listener) {
        listeners.add(listener);
    }

    public synchronized long enqueue(long order, int table, String dish, int cookingMillis) {
        Ticket ticket = new Ticket(numbers.incrementAndGet(), order, table, dish, clock.millis() + cookingMillis);
        tickets.addLast(ticket);
        return ticket.number();
    }

    public synchronized List<String> screen() {
        return List.copyOf(screen);
    }

    public synchronized int waiting() {
        return tickets.size();
    }

    /** Takes what is done off the screen and tells everyone. */
    @Scheduled(fixedDelay = 200)
    public synchronized void sweep() {
        long now = clock.millis();
        for (Iterator<Ticket> all = tickets.iterator(); all.hasNext(); ) {
            Ticket ticket = all.next();
            if (ticket.dueAt() <= now) {
                all.remove();
                listeners.forEach(listener -> listener.accept(ticket));
            }
        }
        screen.clear();
        tickets.stream().limit(SHOWN).map(t -> line(t, now)).forEach(screen::add);
    }

    private static String line(Ticket ticket, long now) {
        return String.format("T%02d  %-10s  %4.1f s", ticket.table(), ticket.dish(), (ticket.dueAt() - now) / 1000.0);
    }
}
