package bats;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All calls that the detectors of the county heard in the last seasons. */
class Archive {
    record Call(String species, LocalDateTime at, double peakKhz, double millis, double level) {}

    record Observation(String key, LocalDateTime quarter, Double khz, Double millis, Double loudness) {}

    record Activity(String species, String hour, int calls, double medianKhz, double medianMillis, double loudest) {}

    private static final String[] SPECIES = {"pipistrelle", "soprano pipistrelle", "noctule", "serotine", "daubenton",
        "brown long-eared", "barbastelle"};

    private final Map<Integer, List<Call>> bySite = new TreeMap<>();

    Archive(int sites, int callsPerSite) {
        Random random = new Random(90125);
        LocalDate first = LocalDate.of(2025, 5, 1);
        for (int site = 1; site <= sites; site++) {
            List<Call> calls = new ArrayList<>(callsPerSite);
            for (int i = 0; i < callsPerSite; i++) {
                LocalDateTime at = first.plusDays((long) i * 150 / callsPerSite).atTime(20, 0)
                        .plusSeconds(random.nextInt(9 * 3600));
                int s = Math.min(random.nextInt(SPECIES.length), random.nextInt(SPECIES.length));
                calls.add(new Call(SPECIES[s], at, 20 + s * 5 + random.nextGaussian() * 2,
                        3 + random.nextDouble() * 5, -60 + random.nextDouble() * 50));
            }
            bySite.put(site, calls);
        }
    }

    boolean has(int site) {
        return bySite.containsKey(site);
    }

    Map<Integer, Integer> sites() {
        return bySite.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().size(), (a, b) -> a, TreeMap::new));
    }

    List<Call> lastNight(int site) {
        List<Call> calls = bySite.get(site);
        LocalDate night = calls.get(calls.size() - 1).at().minusHours(12).toLocalDate();
        return calls.stream().filter(c -> c.at().minusHours(12).toLocalDate().equals(night)).toList();
    }

    /** How much of each species was heard in each hour of the night over the whole season. */
    List<Activity> activity(int site) {
        List<Observation> observations = bySite.get(site).stream().map(Archive::observe).toList();
        List<Observation> audible = observations.stream().filter(o -> o.loudness() > 0.02).toList();
        Map<String, List<Observation>> groups = audible.stream()
                .collect(Collectors.groupingBy(Observation::key, TreeMap::new, Collectors.toList()));
        return groups.entrySet().stream().map(e -> summary(e.getKey(), e.getValue()))
                .sorted(Comparator.comparing(Activity::species).thenComparing(Activity::hour)).toList();
    }

    private static Observation observe(Call call) {
        LocalDateTime quarter = call.at().truncatedTo(ChronoUnit.HOURS).plusMinutes(call.at().getMinute() / 15 * 15L);
        String key = call.species() + "|" + call.at().getHour();
        return new Observation(key, quarter, call.peakKhz(), call.millis(), Math.pow(10, call.level() / 20));
    }

    private static Activity summary(String key, List<Observation> group) {
        int bar = key.indexOf('|');
        List<Double> khz = group.stream().map(Observation::khz).sorted().toList();
        List<Double> millis = group.stream().map(Observation::millis).sorted().toList();
        double loudest = group.stream().mapToDouble(Observation::loudness).max().orElse(0);
        return new Activity(key.substring(0, bar), key.substring(bar + 1), group.size(),
                khz.get(khz.size() / 2), millis.get(millis.size() / 2), loudest);
    }
}
