package herbs;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

class Herbs {

    public record Herb(int id, String name, String heading, BigDecimal perKilo) {
    }

    public record Line(Herb herb, BigDecimal kilos) {
        BigDecimal value() {
            return herb.perKilo().multiply(kilos);
        }
    }

    public record Consignment(int number, List<Line> lines) {
        BigDecimal value() {
            return lines.stream().map(Line::value).reduce(BigDecimal.ZERO, BigDecimal::add);
        }

        BigDecimal kilos() {
            return lines.stream().map(Line::kilos).reduce(BigDecimal.ZERO, BigDecimal::add);
        }

        String mainHeading() {
            Map<String, BigDecimal> byHeading = lines.stream().collect(Collectors.groupingBy(
                    line -> line.herb().heading(), Collectors.reducing(BigDecimal.ZERO, Line::value, BigDecimal::add)));
            return byHeading.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
        }
    }

    static class Unknown extends RuntimeException {
        Unknown(String message) {
            super(message);
        }
    }

    private static final String[] NAMES = {"thyme", "sage", "mint", "savory", "lovage", "tarragon", "dill", "hyssop"};
    private static final String[] HEADINGS = {"0910.99", "1211.90", "0909.62", "1212.99"};

    private final List<Herb> herbs = new ArrayList<>();
    private final List<Consignment> consignments = new ArrayList<>();

    Herbs(int count) {
        for (int i = 0; i < 64; i++) {
            herbs.add(new Herb(i, NAMES[i % NAMES.length] + " " + (char) ('A' + i / 8), HEADINGS[i % 4],
                    BigDecimal.valueOf(900 + i * 137 % 5200, 2)));
        }
        for (int n = 0; n < count; n++) {
            List<Line> lines = new ArrayList<>();
            for (int k = 0; k < 5 + n % 9; k++) {
                lines.add(new Line(herbs.get((n * 7 + k * 11) % herbs.size()), BigDecimal.valueOf(20 + (n + k * 31) % 480)));
            }
            consignments.add(new Consignment(n, lines));
        }
    }

    Consignment consignment(int number) {
        if (number < 0 || number >= consignments.size()) {
            throw new Unknown("no consignment " + number);
        }
        return consignments.get(number);
    }

    List<Herb> cheaperThan(BigDecimal price) {
        return herbs.stream().filter(h -> h.perKilo().compareTo(price) < 0)
                .sorted(Comparator.comparing(Herb::perKilo)).toList();
    }
}
