import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/** What a depot expects on each trailer, what its gates have scanned, and how the two agree. */
class Depot {

    record Manifest(String trailer, String from, List<String> parcels) {}

    record Scan(String parcel, int gate, long second) {}

    record Reconciliation(String trailer, int expected, int scanned, List<String> missing, List<String> surplus,
                          Map<Integer, Long> byGate, boolean complete) {}

    private final Map<String, Manifest> manifests = new TreeMap<>();
    private final Map<String, List<Scan>> scans = new ConcurrentSkipListMap<>();

    Depot(int trailers, int parcels) {
        String[] hubs = {"Graz", "Linz", "Brno", "Györ"};
        for (int t = 1; t <= trailers; t++) {
            Random random = new Random(t);
            String trailer = String.format("TR-%02d", t);
            List<String> expected = new ArrayList<>();
            for (int p = 0; p < parcels; p++) {
                expected.add(String.format("AT%02d%07d%02d", t, p * 31L + 11, random.nextInt(100)));
            }
            manifests.put(trailer, new Manifest(trailer, hubs[t % hubs.length], List.copyOf(expected)));
            scans.put(trailer, unloading(expected, t, random));
        }
    }

    private static List<Scan> unloading(List<String> expected, int t, Random random) {
        List<Scan> unloaded = new ArrayList<>();
        long second = 6 * 3600 + t * 900L;
        for (int i = expected.size() - 1; i >= 0; i--) {
            second += random.nextInt(3);
            if (random.nextInt(50) > 0) {
                unloaded.add(new Scan(expected.get(i), 1 + random.nextInt(4), second));
            }
            if (random.nextInt(400) == 0) {
                unloaded.add(new Scan(String.format("DE%02d%07d%02d", t, i, random.nextInt(100)), 1 + random.nextInt(4), second));
            }
        }
        return unloaded;
    }

    List<Manifest> manifests() {
        return List.copyOf(manifests.values());
    }

    Manifest manifest(String trailer) {
        return manifests.get(trailer);
    }

    Reconciliation reconcile(String trailer) {
        Manifest manifest = manifests.get(trailer);
        List<Scan> seen = scans.get(trailer);
        List<String> codes = seen.stream().map(Scan::parcel).toList();
        List<String> missing = without(manifest.parcels(), codes);
        List<String> surplus = without(codes, manifest.parcels());
        Map<Integer, Long> byGate = seen.stream().collect(Collectors.groupingBy(Scan::gate, TreeMap::new, Collectors.counting()));
        return new Reconciliation(trailer, manifest.parcels().size(), codes.size(), missing, surplus, byGate,
                missing.isEmpty() && surplus.isEmpty());
    }

    private static List<String> without(List<String> all, List<String> some) {
        List<String> left = new ArrayList<>(all);
        left.removeAll(some);
        return left;
    }

    /** Parcels a minute at each gate. */
    Map<Integer, Double> pace(String trailer) {
        List<Scan> seen = scans.get(trailer);
        long seconds = Math.max(60, seen.get(seen.size() - 1).second() - seen.get(0).second());
        Map<Integer, Double> pace = new LinkedHashMap<>();
        seen.stream().collect(Collectors.groupingBy(Scan::gate, TreeMap::new, Collectors.counting()))
                .forEach((gate, count) -> pace.put(gate, Math.round(count * 600.0 / seconds) / 10.0));
        return pace;
    }
}
