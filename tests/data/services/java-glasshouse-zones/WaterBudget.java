import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the well may give today, and each zone's part of it. */
class WaterBudget {

    private final Map<Zone, Double> parts = new LinkedHashMap<>();
    private double left;
    private long grants;

    WaterBudget(double litersADay) {
        left = litersADay;
    }

    synchronized void join(Zone zone) {
        parts.put(zone, 1.0);
        parts.replaceAll((z, part) -> 1.0 / parts.size());
    }

    synchronized double reserve(Zone zone, double liters) {
        double given = Math.min(liters, left * parts.getOrDefault(zone, 0.0));
        left -= given;
        grants++;
        return given;
    }

    /** Shares what is left by what the zones are likely to need. */
    synchronized void share() {
        Map<Zone, Double> outlook = new HashMap<>();
        double sum = 0;
        for (Zone zone : parts.keySet()) {
            double liters = 1 + zone.outlook();
            outlook.put(zone, liters);
            sum += liters;
        }
        for (Map.Entry<Zone, Double> part : parts.entrySet()) {
            part.setValue(0.3 / parts.size() + 0.7 * outlook.get(part.getKey()) / sum);
        }
    }

    synchronized double left() {
        return left;
    }

    synchronized long grants() {
        return grants;
    }
}
