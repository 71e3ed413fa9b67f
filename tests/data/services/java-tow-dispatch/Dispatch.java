import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Breakdown service: which tow truck reaches a stranded car first, by the roads of the county. */
public class Dispatch {

    /** Roads as a graph in arrays: the edges of a crossing are first[n] .. first[n + 1]. */
    static class Roads {
        final int side;
        private final int[] first;
        private final int[] to;
        private final float[] minutes;

        Roads(int side) {
            this.side = side;
            Random random = new Random(17);
            int n = side * side;
            first = new int[n + 1];
            to = new int[n * 4];
            minutes = new float[n * 4];
            int at = 0;
            for (int i = 0; i < n; i++) {
                first[i] = at;
                int x = i % side, y = i / side;
                for (int[] d : new int[][] {{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
                    int nx = x + d[0], ny = y + d[1];
                    if (nx >= 0 && ny >= 0 && nx < side && ny < side) {
                        to[at] = ny * side + nx;
                        minutes[at++] = 0.4f + random.nextFloat() * 1.3f;
                    }
                }
            }
            first[n] = at;
        }

        /** Minutes from a crossing to every other one that is nearer than the limit. */
        float[] minutesFrom(int start, float limit) {
            float[] best = new float[side * side];
            Arrays.fill(best, Float.POSITIVE_INFINITY);
            best[start] = 0;
            PriorityQueue<long[]> queue = new PriorityQueue<>(Comparator.comparingLong((long[] e) -> e[0]));
            queue.add(new long[] {0, start});
            while (!queue.isEmpty()) {
                long[] head = queue.poll();
                int node = (int) head[1];
                float reached = head[0] / 1000f;
                if (reached > best[node] + 0.001f) {
                    continue;
                }
                for (int e = first[node]; e < first[node + 1]; e++) {
                    float next = best[node] + minutes[e];
                    if (next < best[to[e]] && next <= limit) {
                        best[to[e]] = next;
                        queue.add(new long[] {(long) (next * 1000), to[e]});
                    }
                }
            }
            return best;
        }
    }

    record Truck(String id, int crossing, String kind) {}

    record Candidate(String truck, String kind, double minutes) {}

    /** A job that is under way: from where which truck needs how long. */
    static class Job {
        final long number;
        final String kind;
        private final float[] reach;
        private final List<Truck> trucks;

        Job(long number, String kind, float[] minutes, List<Truck> trucks) {
            this.number = number;
            this.kind = kind;
            this.trucks = trucks;
            this.reach = minutes;
        }

        boolean suits(Truck truck) {
            return kind.equals("any") || truck.kind().equals(kind);
        }

        double minutes(Truck truck) {
            return Math.round(reach[truck.crossing()] * 10) / 10.0;
        }

        double nearest() {
            return trucks.stream().filter(this::suits).mapToDouble(this::minutes).min().orElse(Double.NaN);
        }
    }

    record Plan(long job, String plate, List<Candidate> candidates) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private final Roads roads = new Roads(220);
    private final List<Truck> trucks = new ArrayList<>();
    private final AtomicLong jobs = new AtomicLong(70_000);
    private final ServiceLevels levels = new ServiceLevels();

    Dispatch() {
        Random random = new Random(5);
        String[] kinds = {"flatbed", "lift", "service van"};
        for (int i = 0; i < 45; i++) {
            trucks.add(new Truck("T" + (10 + i), random.nextInt(roads.side * roads.side), kinds[i % kinds.length]));
        }
        levels.start();
    }

    Plan plan(JsonNode call) {
        int crossing = Math.floorMod(call.path("crossing").asInt(), roads.side * roads.side);
        String kind = call.path("kind").asText("any");
        long begun = System.nanoTime();
        Job job = new Job(jobs.incrementAndGet(), kind, roads.minutesFrom(crossing, 150), trucks);
        levels.routed(kind, System.nanoTime() - begun);
        levels.follow(job);
        List<Candidate> candidates = trucks.stream().filter(job::suits)
                .map(truck -> new Candidate(truck.id(), truck.kind(), job.minutes(truck)))
                .sorted(Comparator.comparingDouble(Candidate::minutes)).limit(5).toList();
        return new Plan(job.number, call.path("plate").asText("?"), candidates);
    }

    void calls(HttpExchange ex) throws IOException {
        if (!ex.getRequestMethod().equals("POST")) {
            send(ex, 405, Map.of("error", "use POST"));
            return;
        }
        JsonNode call = JSON.readTree(ex.getRequestBody());
        if (!call.has("crossing")) {
            send(ex, 422, Map.of("error", "where is the car?"));
            return;
        }
        send(ex, 201, plan(call));
    }

    static void send(HttpExchange ex, int status, Object body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        Dispatch dispatch = new Dispatch();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "ok"));
        server.createContext("/calls", dispatch::calls);
        server.createContext("/trucks", ex -> send(ex, 200, dispatch.trucks));
        server.createContext("/levels", ex -> send(ex, 200, dispatch.levels.latest()));
        server.setExecutor(Executors.newFixedThreadPool(12));
        server.start();
    }
}
