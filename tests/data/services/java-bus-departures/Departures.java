import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32;

/** Departures of a town's buses: the timetable, how late the buses are, and the earliest arrival from stop to stop. */
public class Departures {

    record Hop(int from, int to, int departs, int arrives, short line) {}

    record Line(String name, int[] stops, int firstTrip, int everySeconds) {}

    /** All hops of a day in order of departure; made once at the start. */
    static class Timetable {
        final String[] stops;
        final Line[] lines;
        final Hop[] hops;
        final int[] firstAtMinute = new int[24 * 60 + 1];

        Timetable(int stopCount, int lineCount) {
            Random random = new Random(77);
            stops = new String[stopCount];
            Arrays.setAll(stops, i -> List.of("Market", "Mill", "Station", "School", "Bridge", "Hill").get(i % 6) + " " + i);
            lines = new Line[lineCount];
            List<Hop> all = new ArrayList<>();
            for (int l = 0; l < lineCount; l++) {
                int[] route = random.ints(24, 0, stopCount).toArray();
                lines[l] = new Line("B" + (l + 1), route, 4 * 3600 + random.nextInt(1800), 480 + random.nextInt(900));
                for (int start = lines[l].firstTrip(); start < 23 * 3600; start += lines[l].everySeconds()) {
                    int t = start;
                    for (int s = 0; s + 1 < route.length; s++) {
                        int takes = 50 + random.nextInt(140);
                        all.add(new Hop(route[s], route[s + 1], t, t + takes, (short) l));
                        t += takes + 15;
                    }
                }
            }
            all.sort(Comparator.comparingInt(Hop::departs));
            hops = all.toArray(new Hop[0]);
            Arrays.fill(firstAtMinute, hops.length);
            for (int i = hops.length - 1; i >= 0; i--) {
                firstAtMinute[Math.min(24 * 60, hops[i].departs() / 60)] = i;
            }
            for (int m = 24 * 60 - 1; m >= 0; m--) {
                firstAtMinute[m] = Math.min(firstAtMinute[m], firstAtMinute[m + 1]);
            }
        }

        int firstHop(int seconds) {
            return firstAtMinute[Math.max(0, Math.min(24 * 60, seconds / 60))];
        }
    }

    /** How late each line is; the vehicles report, everyone reads. */
    static class Delays {
        private final ReentrantLock lock = new ReentrantLock();
        private final int[] seconds;

        Delays(int lines) {
            seconds = new int[lines];
        }

        void report(int line, int late) {
            lock.lock();
            try {
                seconds[line] = (seconds[line] * 3 + late) / 4;
            } finally {
                lock.unlock();
            }
        }

        int[] now() {
            lock.lock();
            try {
                return seconds.clone();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Earliest arrivals by one scan over the hops. */
    static class Planner {
        private final Timetable table;
        private final Delays delays;

        Planner(Timetable table, Delays delays) {
            this.table = table;
            this.delays = delays;
        }

        int[] earliest(int from, int leave) {
            int[] late = delays.now();
            int[] arrival = new int[table.stops.length];
            Arrays.fill(arrival, Integer.MAX_VALUE);
            arrival[from] = leave;
            for (int i = table.firstHop(leave); i < table.hops.length; i++) {
                Hop hop = table.hops[i];
                int departs = hop.departs() + late[hop.line()];
                if (arrival[hop.from()] <= departs) {
                    int arrives = hop.arrives() + late[hop.line()];
                    if (arrives < arrival[hop.to()]) {
                        arrival[hop.to()] = arrives;
                    }
                }
            }
            return arrival;
        }
    }

    private final Timetable table = new Timetable(1400, 130);
    private final Delays delays = new Delays(table.lines.length);
    private final Planner planner = new Planner(table, delays);
    private final Cache<Integer, Buffer> boards = Caffeine.newBuilder().maximumSize(200).expireAfterWrite(Duration.ofSeconds(20)).build();

    Buffer reach(int from, int leave) {
        int[] arrival = planner.earliest(from, leave);
        JsonArray reached = new JsonArray();
        for (int stop = 0; stop < arrival.length; stop++) {
            if (arrival[stop] != Integer.MAX_VALUE && stop != from) {
                reached.add(new JsonObject().put("stop", table.stops[stop]).put("at", clock(arrival[stop]))
                        .put("minutes", (arrival[stop] - leave + 59) / 60));
            }
        }
        return new JsonObject().put("from", table.stops[from]).put("leave", clock(leave)).put("reached", reached).toBuffer();
    }

    Buffer board(int stop) {
        return boards.get(stop, key -> {
            JsonArray rows = new JsonArray();
            int[] late = delays.now();
            for (Hop hop : table.hops) {
                if (hop.from() == key) {
                    rows.add(new JsonObject().put("line", table.lines[hop.line()].name()).put("departs", clock(hop.departs()))
                            .put("late", late[hop.line()]).put("towards", table.stops[hop.to()]));
                }
            }
            return new JsonObject().put("stop", table.stops[key]).put("departures", rows).toBuffer();
        });
    }

    static String clock(int seconds) {
        int h = seconds / 3600 % 24;
        int m = seconds / 60 % 60;
        return new String(new char[] {(char) ('0' + h / 10), (char) ('0' + h % 10), ':', (char) ('0' + m / 10), (char) ('0' + m % 10)});
    }

    static int number(String text, int low, int high) {
        int value = Integer.parseInt(text);
        if (value < low || value >= high) {
            throw new NumberFormatException("out of range: " + text);
        }
        return value;
    }

    static void send(RoutingContext ctx, Future<Buffer> made) {
        made.onSuccess(body -> {
            CRC32 crc = new CRC32();
            crc.update(body.getBytes());
            ctx.response().putHeader("content-type", "application/json").putHeader("etag", "\"" + Long.toHexString(crc.getValue()) + "\"").end(body);
        }).onFailure(ctx::fail);
    }

    public static void main(String[] args) {
        Departures app = new Departures();
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        WorkerExecutor planning = vertx.createSharedWorkerExecutor("planning", 6, 5, TimeUnit.SECONDS);
        vertx.setPeriodic(50, tick -> {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            app.delays.report(random.nextInt(app.table.lines.length), random.nextInt(240));
        });
        Router router = Router.router(vertx);
        router.get("/health").handler(ctx -> ctx.end("ok"));
        router.get("/stops/:stop/reach").handler(ctx -> {
            int stop = number(ctx.pathParam("stop"), 0, app.table.stops.length);
            int leave = number(ctx.queryParams().contains("leave") ? ctx.queryParams().get("leave") : "480", 0, 1440) * 60;
            send(ctx, planning.executeBlocking(() -> app.reach(stop, leave), false));
        });
        router.get("/stops/:stop/board").handler(ctx -> {
            int stop = number(ctx.pathParam("stop"), 0, app.table.stops.length);
            send(ctx, planning.executeBlocking(() -> app.board(stop), false));
        });
        router.get("/delays").handler(ctx -> {
            JsonObject out = new JsonObject();
            int[] late = app.delays.now();
            for (int i = 0; i < late.length; i++) {
                out.put(app.table.lines[i].name(), late[i]);
            }
            send(ctx, Future.succeededFuture(out.toBuffer()));
        });
        router.route().failureHandler(ctx -> {
            int status = ctx.failure() instanceof NumberFormatException ? 400 : ctx.statusCode() > 0 ? ctx.statusCode() : 500;
            ctx.response().setStatusCode(status).end(Buffer.buffer(String.valueOf(status), StandardCharsets.UTF_8.name()));
        });
        vertx.createHttpServer().requestHandler(router).listen(Integer.parseInt(System.getenv("PORT")), "127.0.0.1");
    }
}
