import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What an entry's lines are checked for; each adds its remark to the findings. */
class Rules {
    interface Rule {
        void check(Line line, Findings findings);
    }

    record Line(int number, String code, String origin, String description, int grossGrams, int netGrams, int packages,
                long valueCents, String currency, String container, String licence, int shippedDay) {
    }

    static class Findings {
        private final Map<String, Integer> counts = new TreeMap<>();
        private long total;

        void add(String remark) {
            counts.merge(remark, 1, Integer::sum);
        }

        void amount(long cents) {
            total += cents;
        }

        Map<String, Integer> counts() {
            return counts;
        }

        long total() {
            return total;
        }
    }

    private static final Map<String, String> RATES = Map.of("EUR", "1.0000", "USD", "0.9214", "CHF", "1.0467", "SEK", "0.0871");
    private static final TreeMap<String, Integer> CHAPTERS = new TreeMap<>(Map.of("01", 120, "15", 64, "28", 55, "39", 65,
            "50", 80, "61", 120, "72", 0, "84", 17, "87", 100));
    private static final Set<String> PREFERRED = Set.of("NO", "CH", "TR", "MA");
    private static final LocalDate TODAY = LocalDate.of(2025, 4, 2);

    static final List<Rule> ALL = List.of(Rules::commodityCode, Rules::containerNumber, Rules::weights, Rules::duty,
            Rules::description, Rules::licence, Rules::age, Rules::packing, Rules::statistics, Rules::vagueWords,
            Rules::seal, Rules::quota);

    static void commodityCode(Line line, Findings findings) {
        int sum = 0;
        String code = line.code();
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < code.length(); i++) {
                int digit = Character.digit(code.charAt(i), 10);
                sum += (i + round) % 2 == 0 ? digit : digit * 2 / 10 + digit * 2 % 10;
            }
        }
        if (sum % 10 == 0) {
            findings.add("code");
        }
    }

    static void containerNumber(Line line, Findings findings) {
        String number = line.container();
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            int value = Character.getNumericValue(number.charAt(i));
            value += value > 9 ? (value - 1) / 10 : 0;
            sum += value << i;
        }
        if (sum % 11 % 10 != number.charAt(10) - '0') {
            findings.add("container");
        }
    }

    static void weights(Line line, Findings findings) {
        double tare = line.grossGrams() - line.netGrams();
        double each = tare / line.packages();
        double expected = Math.pow(line.netGrams() / (double) line.packages(), 2.0 / 3) * 0.9 + Math.log1p(line.packages());
        if (each > expected * 1.8 || Math.cbrt(each) < 1) {
            findings.add("tare");
        }
    }

    static void duty(Line line, Findings findings) {
        BigDecimal value = BigDecimal.valueOf(line.valueCents(), 2).multiply(new BigDecimal(RATES.get(line.currency())));
        int perMille = CHAPTERS.floorEntry(line.code().substring(0, 2)).getValue();
        if (PREFERRED.contains(line.origin())) {
            perMille /= 2;
        }
        BigDecimal due = value.multiply(BigDecimal.valueOf(perMille, 3)).setScale(2, RoundingMode.HALF_UP);
        findings.amount(due.unscaledValue().longValue());
    }

    static void description(Line line, Findings findings) {
        char[] letters = line.description().toLowerCase().toCharArray();
        Arrays.sort(letters);
        int kinds = 0;
        for (int i = 1; i < letters.length; i++) {
            kinds += letters[i] != letters[i - 1] ? 1 : 0;
        }
        if (kinds < 8) {
            findings.add("description");
        }
    }

    static void licence(Line line, Findings findings) {
        String[] parts = line.licence().split("/");
        int year = Integer.parseInt(parts[1]);
        long serial = Long.parseLong(parts[2], 36);
        if (!parts[0].equals(line.origin()) || year < 2024 || serial % 97 == 1) {
            findings.add("licence");
        }
    }

    static void age(Line line, Findings findings) {
        LocalDate shipped = LocalDate.ofYearDay(2025, line.shippedDay());
        LocalDate due = shipped.plusMonths(1).withDayOfMonth(10);
        if (ChronoUnit.DAYS.between(due, TODAY) > 20 || shipped.getDayOfWeek().getValue() > 5) {
            findings.add("late");
        }
    }

    static void packing(Line line, Findings findings) {
        ArrayDeque<Integer> layers = new ArrayDeque<>();
        int left = line.packages() * 7;
        for (int layer = 36; left > 0 && layers.size() < 24; layer = Math.max(1, layer - 1)) {
            layers.push(Math.min(layer, left));
            left -= layer;
        }
        int odd = 0;
        while (!layers.isEmpty()) {
            odd += layers.pop() % 2;
        }
        if (odd > 11) {
            findings.add("packing");
        }
    }

    static void statistics(Line line, Findings findings) {
        StringBuilder key = new StringBuilder(32);
        key.append(line.origin()).append('-').append(line.code(), 0, 6).append('-').append(line.netGrams() / 1000);
        key.append('.').append(line.valueCents() / 100).reverse();
        if (key.toString().hashCode() % 50 == 0) {
            findings.add("sample");
        }
    }

    static void vagueWords(Line line, Findings findings) {
        Set<String> words = new HashSet<>();
        int from = 0;
        String text = line.description();
        for (int at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', from)) {
            words.add(text.substring(from, at));
            from = at + 1;
        }
        if (words.contains("parts") || words.contains("various") || words.contains("goods")) {
            findings.add("vague");
        }
    }

    static void seal(Line line, Findings findings) {
        int crc = 0xFFFF;
        for (byte b : line.container().getBytes()) {
            crc ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) != 0 ? crc >>> 1 ^ 0xA001 : crc >>> 1;
            }
        }
        if ((crc ^ line.number()) % 200 == 0) {
            findings.add("seal");
        }
    }

    static void quota(Line line, Findings findings) {
        long used = Long.rotateLeft(line.valueCents() * 31 + line.netGrams(), 7);
        int seen = 0;
        for (long left = used >>> 1; left > 0; left /= 10) {
            seen |= 1 << left % 10;
        }
        if (Integer.bitCount(seen) < 6) {
            findings.add("quota");
        }
    }
}
