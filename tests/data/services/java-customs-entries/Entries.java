import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The entries that wait for clearance. */
class Entries {
    private static final String[] NOUNS = {"pumps", "shirts", "copper wire", "cheese", "bearings", "seat covers", "parts", "valves"};
    private static final String[] KINDS = {"new cotton", "steel", "various hand made", "assembled", "industrial"};
    private static final String[] ORIGINS = {"NO", "CN", "TR", "VN", "MA", "US"};
    private static final String[] CURRENCIES = {"EUR", "USD", "CHF", "SEK"};

    private final Map<String, List<Rules.Line>> entries = new HashMap<>();

    Entries(int count, int lines) {
        Random random = new Random(11);
        for (int e = 0; e < count; e++) {
            List<Rules.Line> list = new ArrayList<>();
            for (int i = 1; i <= lines; i++) {
                String origin = ORIGINS[random.nextInt(ORIGINS.length)];
                int net = 800 + random.nextInt(90_000);
                list.add(new Rules.Line(i, String.format("%02d%08d", 1 + random.nextInt(96), random.nextInt(100_000_000)), origin,
                        KINDS[random.nextInt(KINDS.length)] + " " + NOUNS[random.nextInt(NOUNS.length)] + " lot " + i,
                        net + net / 9, net, 1 + random.nextInt(60), 1000 + random.nextInt(4_000_000),
                        CURRENCIES[random.nextInt(CURRENCIES.length)], String.format("MSKU%07d", random.nextInt(10_000_000)),
                        origin + "/2025/" + Integer.toString(random.nextInt(1 << 28), 36), 1 + random.nextInt(90)));
            }
            entries.put("GB" + (4400 + e), list);
        }
    }

    List<Rules.Line> find(String id) {
        return entries.get(id);
    }
}
