import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/** A sewage plant's flow meters: daily reports from the minute values of each channel. */
public class FlowReports {

    /** Minute values of one channel; a day has 1440. */
    record Channel(String name, float[] liters) {
    }

    /** The recorder's memory: one day of each plant. */
    static class Recorder {
        private final Map<String, List<Channel>> plants = new LinkedHashMap<>();

        Recorder(String... names) {
            Random random = new Random(7);
            for (String plant : names) {
                List<Channel> channels = new ArrayList<>();
                for (int c = 0; c < 16; c++) {
                    float[] liters = new float[1440];
                    for (int minute = 0; minute < liters.length; minute++) {
                        double tide = 1 + 0.6 * Math.sin((minute - 300) * Math.PI / 720);
                        liters[minute] = random.nextInt(90) == 0 ? -1 : (float) (tide * (200 + c * 15) + random.nextGaussian() * 9);
                    }
                    channels.add(new Channel(plant + "-" + (c + 1), liters));
                }
                plants.put(plant, channels);
            }
        }

        List<Channel> of(String plant) {
            return plants.get(plant);
        }
    }

    /** The steps from raw values to a report; each yields new rows and leaves the old ones as they were. */
    static class Stages {
        static List<Map<String, Object>> rows(Channel channel) {
            List<Map<String, Object>> rows = new ArrayList<>();
            for (int minute = 0; minute < channel.liters().length; minute++) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("channel", channel.name());
                row.put("minute", minute);
                row.put("liters", (double) channel.liters()[minute]);
                rows.add(row);
            }
            return rows;
        }

        static List<Map<String, Object>> repaired(List<Map<String, Object>> rows) {
            List<Map<String, Object>> result = new ArrayList<>();
            double last = 0;
            for (Map<String, Object> row : rows) {
                double liters = (Double) row.get("liters");
                Map<String, Object> copy = new LinkedHashMap<>(row);
                copy.put("estimated", liters < 0);
                copy.put("liters", liters < 0 ? last : liters);
                last = (Double) copy.get("liters");
                result.add(copy);
            }
            return result;
        }

        static List<Map<String, Object>> summed(List<Map<String, Object>> rows) {
            List<Map<String, Object>> result = new ArrayList<>();
            double total = 0;
            for (Map<String, Object> row : rows) {
                Map<String, Object> copy = new LinkedHashMap<>(row);
                total += (Double) row.get("liters");
                copy.put("total", total);
                copy.put("hour", (Integer) row.get("minute") / 60);
                result.add(copy);
            }
            return result;
        }

        static Map<Integer, Double> hourly(List<Map<String, Object>> rows) {
            Map<Integer, Double> hours = new TreeMap<>();
            for (Map<String, Object> row : rows) {
                hours.merge((Integer) row.get("hour"), (Double) row.get("liters"), Double::sum);
            }
            return hours;
        }
    }

    /** What was read, repaired and summed, so that a report can tell where each number comes from. */
    static class Trail {
        final List<List<Map<String, Object>>> read = new ArrayList<>();
        final List<List<Map<String, Object>>> repaired = new ArrayList<>();
        final List<List<Map<String, Object>>> summed = new ArrayList<>();

        void add(Channel channel) {
            read.add(Stages.rows(channel));
            repaired.add(Stages.repaired(read.get(read.size() - 1)));
            summed.add(Stages.summed(repaired.get(repaired.size() - 1)));
        }

        long estimated() {
            return repaired.stream().flatMap(List::stream).filter(row -> (Boolean) row.get("estimated")).count();
        }
    }

    private final Recorder recorder = new Recorder("north", "south", "harbour");

    String daily(String plant) {
        Trail trail = new Trail();
        for (Channel channel : recorder.of(plant)) {
            trail.add(channel);
        }
        StringBuilder out = new StringBuilder("{\"plant\":\"" + plant + "\",\"estimated\":" + trail.estimated() + ",\"channels\":[");
        for (List<Map<String, Object>> rows : trail.summed) {
            Map<String, Object> last = rows.get(rows.size() - 1);
            out.append(out.charAt(out.length() - 1) == '[' ? "" : ",").append("{\"channel\":\"").append(last.get("channel"))
                    .append(String.format(Locale.ROOT, "\",\"total\":%.1f,\"hours\":[", (Double) last.get("total")));
            String separator = "";
            for (double liters : Stages.hourly(rows).values()) {
                out.append(separator).append(Math.round(liters));
                separator = ",";
            }
            out.append("]}");
        }
        return out.append("]}").toString();
    }

    String current(String plant, int minute) {
        StringBuilder out = new StringBuilder("{");
        for (Channel channel : recorder.of(plant)) {
            out.append(out.length() > 1 ? "," : "").append('"').append(channel.name()).append("\":")
                    .append(Math.round(channel.liters()[minute % 1440]));
        }
        return out.append('}').toString();
    }

    void reports(HttpExchange ex) throws IOException {
        String plant = plant(ex);
        send(ex, plant == null ? 404 : 200, plant == null ? "{\"error\":\"no such plant\"}" : daily(plant));
    }

    void now(HttpExchange ex) throws IOException {
        String plant = plant(ex);
        int minute = (int) (System.currentTimeMillis() / 60_000 % 1440);
        send(ex, plant == null ? 404 : 200, plant == null ? "{\"error\":\"no such plant\"}" : current(plant, minute));
    }

    private String plant(HttpExchange ex) {
        String query = ex.getRequestURI().getQuery();
        String plant = query != null && query.startsWith("plant=") ? query.substring(6) : "north";
        return recorder.of(plant) == null ? null : plant;
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        FlowReports app = new FlowReports();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/reports/daily", app::reports);
        server.createContext("/now", app::now);
        server.setExecutor(Executors.newFixedThreadPool(12));
        server.start();
    }
}
