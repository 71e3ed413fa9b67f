import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Tide boards for harbour offices: the heights of the day, high and low waters, and clearances under bridges. */
public class TideBoards {

    record Constituent(String name, double degreesPerHour, double amplitude, double phase) {}

    record Station(String id, String region, double meanLevel, double bridge, List<Constituent> constituents) {}

    record Extreme(String kind, String at, double height) {}

    record DayKey(String station, LocalDate day) {}

    /** The tide gauges that we publish. */
    static class Gauges {
        private static final String[] NAMES = {"M2", "S2", "N2", "K2", "K1", "O1", "P1", "Q1", "M4", "MS4", "MN4", "M6", "S4", "Mf",
            "Mm", "Ssa", "Sa", "2N2", "MU2", "NU2", "L2", "T2", "J1", "OO1"};
        private static final double[] SPEEDS = {28.9841, 30.0, 28.4397, 30.0821, 15.0411, 13.943, 14.9589, 13.3987, 57.9682, 58.9841,
            57.4238, 86.9523, 60.0, 1.098, 0.5444, 0.0821, 0.0411, 27.8954, 27.9682, 28.5126, 29.5285, 29.9589, 15.5854, 16.1391};
        private final Map<String, Station> byId = new TreeMap<>();

        Gauges() {
            String[] regions = {"north", "east", "west"};
            for (int i = 0; i < 96; i++) {
                Random random = new Random(i);
                List<Constituent> parts = new ArrayList<>();
                for (int c = 0; c < NAMES.length; c++) {
                    double amplitude = (c == 0 ? 1.9 : c == 1 ? 0.7 : 0.15) * (0.5 + random.nextDouble());
                    parts.add(new Constituent(NAMES[c], SPEEDS[c], amplitude, random.nextDouble() * 360));
                }
                String id = String.format("G%03d", i);
                byId.put(id, new Station(id, regions[i % 3], 3 + random.nextDouble(), 9 + random.nextDouble() * 8, parts));
            }
        }

        Station get(String id) {
            Station station = byId.get(id);
            if (station == null) {
                throw new NotFoundResponse("no gauge " + id);
            }
            return station;
        }

        List<Station> in(String region) {
            return byId.values().stream().filter(s -> s.region().equals(region)).toList();
        }
    }

    /** Heights of one gauge for each minute of a day. */
    static class Curves {
        private static final LocalDate EPOCH = LocalDate.of(2000, 1, 1);
        private static final int MINUTES = 24 * 60;
        private static final int BUDGET = 48 * 1024;

        private final Cache<DayKey, float[]> days;

        Curves() {
            this.days = Caffeine.newBuilder()
                    .maximumWeight(BUDGET)
                    .weigher((DayKey key, float[] heights) -> heights.length * Float.BYTES)
                    .build();
        }

        float[] of(Station station, LocalDate day) {
            DayKey key = new DayKey(station.id(), day);
            float[] heights = days.getIfPresent(key);
            if (heights == null) {
                heights = predict(station, day);
                days.put(key, heights);
            }
            return heights;
        }

        private static float[] predict(Station station, LocalDate day) {
            double hours = ChronoUnit.DAYS.between(EPOCH, day) * 24.0;
            float[] heights = new float[MINUTES];
            for (int minute = 0; minute < MINUTES; minute++) {
                double t = hours + minute / 60.0;
                double height = station.meanLevel();
                for (Constituent c : station.constituents()) {
                    height += c.amplitude() * Math.cos(Math.toRadians(c.degreesPerHour() * t - c.phase()));
                }
                heights[minute] = (float) height;
            }
            return heights;
        }
    }

    private final Gauges gauges = new Gauges();
    private final Curves curves = new Curves();

    static String clock(int minute) {
        return String.format("%02d:%02d", minute / 60, minute % 60);
    }

    static double round(double height) {
        return Math.round(height * 100) / 100.0;
    }

    static List<Extreme> extremes(float[] heights) {
        List<Extreme> found = new ArrayList<>();
        for (int i = 1; i < heights.length - 1; i++) {
            if (heights[i] > heights[i - 1] && heights[i] >= heights[i + 1]) {
                found.add(new Extreme("high", clock(i), round(heights[i])));
            } else if (heights[i] < heights[i - 1] && heights[i] <= heights[i + 1]) {
                found.add(new Extreme("low", clock(i), round(heights[i])));
            }
        }
        return found;
    }

    static LocalDate day(Context ctx) {
        String asked = ctx.queryParam("day");
        return asked == null ? LocalDate.now() : LocalDate.parse(asked);
    }

    void board(Context ctx) {
        LocalDate day = day(ctx);
        List<Map<String, Object>> lines = new ArrayList<>();
        for (Station station : gauges.in(ctx.pathParam("region"))) {
            List<Extreme> waters = extremes(curves.of(station, day));
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("gauge", station.id());
            line.put("waters", waters);
            line.put("springs", range(waters) > 4.5);
            lines.add(line);
        }
        ctx.json(Map.of("region", ctx.pathParam("region"), "day", day.toString(), "gauges", lines));
    }

    static double range(List<Extreme> waters) {
        double high = waters.stream().mapToDouble(Extreme::height).max().orElse(0);
        return high - waters.stream().mapToDouble(Extreme::height).min().orElse(0);
    }

    void heights(Context ctx) {
        float[] heights = curves.of(gauges.get(ctx.pathParam("gauge")), day(ctx));
        Map<String, Double> out = new LinkedHashMap<>();
        for (int minute = 0; minute < heights.length; minute += 15) {
            out.put(clock(minute), round(heights[minute]));
        }
        ctx.json(out);
    }

    void clearance(Context ctx) {
        Station station = gauges.get(ctx.pathParam("gauge"));
        double mast = ctx.queryParamAsClass("mast", Double.class).getOrDefault(8.0);
        float[] heights = curves.of(station, day(ctx));
        List<String> open = new ArrayList<>();
        for (int minute = 0; minute < heights.length; minute += 10) {
            if (station.bridge() + station.meanLevel() - heights[minute] > mast + 0.5) {
                open.add(clock(minute));
            }
        }
        ctx.json(Map.of("gauge", station.id(), "mast", mast, "passable", open));
    }

    void highest(Context ctx) {
        LocalDate day = day(ctx);
        ctx.json(gauges.in(ctx.pathParam("region")).stream().limit(12)
                .map(s -> extremes(curves.of(s, day)).stream().max(Comparator.comparingDouble(Extreme::height)).orElse(null)).toList());
    }

    public static void main(String[] args) {
        TideBoards boards = new TideBoards();
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/up", ctx -> ctx.result("up"))
                .get("/regions/{region}/board", boards::board)
                .get("/regions/{region}/highest", boards::highest)
                .get("/gauges/{gauge}/heights", boards::heights)
                .get("/gauges/{gauge}/clearance", boards::clearance)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
