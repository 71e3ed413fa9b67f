import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Deliveries at the weighbridge of a grain store, and what they add up to. */
class Ledger {

    record Delivery(int id, String farm, String crop, LocalDate day, int gross, int tare, double moisture, double protein, String driver) {}

    private static final String[] CROPS = {"wheat", "barley", "rye", "oats", "rape"};
    private static final Map<String, Double> BASE_PRICE = Map.of("wheat", 214.0, "barley", 188.0, "rye", 176.5, "oats", 201.0, "rape", 455.0);

    private final Map<Integer, List<Delivery>> seasons = new TreeMap<>();

    Ledger(int firstSeason, int count, int perSeason) {
        for (int s = 0; s < count; s++) {
            Random random = new Random(firstSeason + s);
            List<Delivery> season = new ArrayList<>(perSeason);
            for (int i = 0; i < perSeason; i++) {
                int farm = random.nextInt(420);
                season.add(new Delivery(s * perSeason + i, "F-" + farm, CROPS[(farm + random.nextInt(2)) % 5],
                        LocalDate.of(firstSeason + s, 7, 1).plusDays(i * 80L / perSeason), 14000 + random.nextInt(26000),
                        9000 + random.nextInt(3000), 11 + random.nextDouble() * 8, 9 + random.nextDouble() * 6, "driver " + random.nextInt(900)));
            }
            seasons.put(firstSeason + s, season);
        }
    }

    List<Delivery> season(int year) {
        return seasons.getOrDefault(year, List.of());
    }

    List<Delivery> latest(int year, int count) {
        List<Delivery> season = season(year);
        return season.subList(Math.max(0, season.size() - count), season.size());
    }

    /** The settlement: what each farm is paid for the season, its best crop and its heaviest day. */
    List<Map<String, Object>> settlement(int year) {
        List<Map<String, Object>> rows = season(year).stream().map(Ledger::asRow).collect(Collectors.toList());
        rows = each(rows, Ledger::withNet);
        rows = each(rows, Ledger::withDrying);
        rows = each(rows, Ledger::withPrice);
        Map<Object, List<Map<String, Object>>> byFarm = rows.stream().collect(Collectors.groupingBy(r -> r.get("farm")));
        List<Map<String, Object>> lines = new ArrayList<>();
        byFarm.forEach((farm, mine) -> lines.add(line(farm, mine)));
        lines.sort(Comparator.comparing((Map<String, Object> l) -> (Double) l.get("due")).reversed());
        return lines;
    }

    private static List<Map<String, Object>> each(List<Map<String, Object>> rows, UnaryOperator<Map<String, Object>> step) {
        return Collections.unmodifiableList(rows.stream().map(step).collect(Collectors.toList()));
    }

    private static Map<String, Object> asRow(Delivery d) {
        Map<String, Object> row = new HashMap<>();
        row.put("id", d.id());
        row.put("farm", d.farm());
        row.put("crop", d.crop());
        row.put("day", d.day());
        row.put("gross", d.gross());
        row.put("tare", d.tare());
        row.put("moisture", d.moisture());
        row.put("protein", d.protein());
        return row;
    }

    private static Map<String, Object> with(Map<String, Object> row, String name, Object value) {
        Map<String, Object> copy = new LinkedHashMap<>(row);
        copy.put(name, value);
        return copy;
    }

    private static Map<String, Object> withNet(Map<String, Object> row) {
        return with(row, "net", (Integer) row.get("gross") - (Integer) row.get("tare"));
    }

    private static Map<String, Object> withDrying(Map<String, Object> row) {
        double over = Math.max(0, (Double) row.get("moisture") - 14.5);
        return with(row, "dried", (Integer) row.get("net") * (1 - over * 0.0125));
    }

    private static Map<String, Object> withPrice(Map<String, Object> row) {
        double bonus = Math.max(0, (Double) row.get("protein") - 12) * 3.2;
        return with(row, "paid", (Double) row.get("dried") / 1000 * (BASE_PRICE.get(row.get("crop")) + bonus));
    }

    private static Map<String, Object> line(Object farm, List<Map<String, Object>> mine) {
        Map<Object, Double> byCrop = mine.stream().collect(Collectors.groupingBy(r -> r.get("crop"), Collectors.summingDouble(r -> (Double) r.get("paid"))));
        Map<Object, Integer> byDay = mine.stream().collect(Collectors.groupingBy(r -> r.get("day"), Collectors.summingInt(r -> (Integer) r.get("net"))));
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("farm", farm);
        line.put("loads", mine.size());
        line.put("due", Math.round(mine.stream().mapToDouble(r -> (Double) r.get("paid")).sum() * 100) / 100.0);
        line.put("crop", best(byCrop));
        line.put("heaviest", String.valueOf(best(byDay)));
        return line;
    }

    private static <V extends Comparable<V>> Object best(Map<Object, V> sums) {
        return sums.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey).orElse(null);
    }
}
