import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathTemplateHandler;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Appointment slots of the outpatient clinics. */
public class App {
    private static final int MIN_THREADS = 2;
    private static final int MAX_THREADS = 40;

    private final Rooms rooms = new Rooms();
    private final AtomicInteger threadNumber = new AtomicInteger();
    private final ThreadPoolExecutor bookingExecutor = new ThreadPoolExecutor(MIN_THREADS, MAX_THREADS,
            30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
            task -> new Thread(task, "booking-" + threadNumber.incrementAndGet()));

    record Slot(String time, int minutes) {
        String json() {
            return "{\"time\":\"" + time + "\",\"minutes\":" + minutes + "}";
        }
    }

    List<Slot> slots(LocalDate day) {
        List<Slot> list = new ArrayList<>();
        for (int minute = 8 * 60; minute < 17 * 60; minute += 20) {
            if ((minute + day.getDayOfMonth()) % 3 != 0) {
                list.add(new Slot(String.format("%02d:%02d", minute / 60, minute % 60), 20));
            }
        }
        return list;
    }

    String awaitRoom(String clinic, LocalDate day) throws InterruptedException, TimeoutException {
        long request = rooms.ask(clinic, day.getDayOfWeek().getValue());
        for (int tries = 0; tries < 400; tries++) {
            String room = rooms.answer(request);
            if (room != null) {
                return room;
            }
            Thread.sleep(5);
        }
        throw new TimeoutException("no room for " + clinic);
    }

    void showSlots(HttpServerExchange exchange) {
        exchange.dispatch(bookingExecutor, ex -> {
            PathTemplateMatch match = ex.getAttachment(PathTemplateMatch.ATTACHMENT_KEY);
            String clinic = match.getParameters().get("clinic");
            LocalDate day = LocalDate.parse(match.getParameters().get("day"));
            String room = awaitRoom(clinic, day);
            StringBuilder out = new StringBuilder("{\"room\":\"" + room + "\",\"slots\":[");
            for (Slot slot : slots(day)) {
                out.append(slot.json()).append(',');
            }
            out.setCharAt(out.length() - 1, ']');
            send(ex, out.append('}').toString());
        });
    }

    static void send(HttpServerExchange exchange, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(body);
    }

    public static void main(String[] args) {
        App app = new App();
        PathTemplateHandler routes = new PathTemplateHandler()
                .add("/healthz", ex -> send(ex, "{\"status\":\"up\"}"))
                .add("/clinics/{clinic}/slots/{day}", app::showSlots);
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(16)
                .setHandler(routes)
                .build()
                .start();
    }
}
