import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The hospital's room system takes a request and has its answer ready some ticks later. */
class Rooms {
    private final ScheduledExecutorService ticks = Executors.newScheduledThreadPool(1, task -> {
        Thread thread = new Thread(task, "room-ticks");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<Long, String> answers = new ConcurrentHashMap<>();
    private final AtomicLong lastRequest = new AtomicLong();

    long ask(String clinic, int weekday) {
        long request = lastRequest.incrementAndGet();
        String room = clinic.substring(0, 1).toUpperCase() + (100 + weekday * 7 + request % 5);
        ticks.schedule(() -> answers.put(request, room), 45, TimeUnit.MILLISECONDS);
        return request;
    }

    String answer(long request) {
        return answers.remove(request);
    }
}
