import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.Normalizer;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/** The steps from the lines of a consignment to a customs quote. */
class Quote {
    record Line(String description, String code, String origin, int pieces, double kilos, String value, String shipped) {
    }

    private static final DateTimeFormatter NOTICE = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.UK);
    private static final LocalDate BASE = LocalDate.of(2025, 1, 1);
    private static final Map<String, String> ZONES = new TreeMap<>(Map.of(
            "NO", "EEA", "CH", "EFTA", "TR", "CU", "JP", "EPA", "KR", "FTA", "CA", "CETA", "BR", "MFN", "US", "MFN"));

    static String title(Line line) {
        String plain = Normalizer.normalize(line.description(), Normalizer.Form.NFD);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (Character.getType(c) != Character.NON_SPACING_MARK) {
                out.append(i == 0 ? Character.toUpperCase(c) : Character.toLowerCase(c));
            }
        }
        return out.toString();
    }

    static List<String> chapters(Line line) {
        List<String> list = new ArrayList<>();
        for (int end = 2; end <= line.code().length(); end += 2) {
            list.add(line.code().substring(0, end) + "0".repeat(line.code().length() - end));
        }
        return list;
    }

    static BigDecimal duty(Line line, List<String> chapters) {
        BigDecimal rate = new BigDecimal(chapters.get(1).charAt(3) - '0' + 2).movePointLeft(2);
        BigDecimal relief = "MFN".equals(ZONES.get(line.origin())) ? BigDecimal.ONE : new BigDecimal("0.35");
        return new BigDecimal(line.value()).multiply(rate).multiply(relief).setScale(2, RoundingMode.HALF_EVEN);
    }

    static long storageDays(Line line) {
        LocalDate shipped = LocalDate.parse(line.shipped());
        long days = ChronoUnit.DAYS.between(BASE, shipped);
        return Math.max(0, days - ChronoUnit.WEEKS.between(BASE, shipped) * 2);
    }

    static String notice(Line line) {
        return NOTICE.format(LocalDate.parse(line.shipped()).plusDays(14));
    }

    static String seal(Line line, BigDecimal duty) {
        CRC32 crc = new CRC32();
        for (byte b : (line.code() + '|' + line.origin() + '|' + duty + '|' + line.shipped()).getBytes()) {
            crc.update(b);
        }
        return Long.toString(crc.getValue(), 36);
    }

    static Map<String, Integer> packing(Line line) {
        Map<String, Integer> boxes = new LinkedHashMap<>();
        int left = line.pieces();
        for (int size : new int[] {48, 24, 12, 6, 2, 1}) {
            boxes.merge("box-" + size, left / size, Integer::sum);
            left %= size;
        }
        boxes.values().removeIf(count -> count == 0);
        return boxes;
    }

    static String words(Line line) {
        List<String> words = new ArrayList<>(List.of(line.description().split(" ")));
        words.sort(Comparator.comparing(String::length).thenComparing(String.CASE_INSENSITIVE_ORDER));
        return String.join("+", words);
    }

    static boolean validCode(Line line) {
        int sum = 0;
        for (int i = 0; i < line.code().length(); i++) {
            sum += Character.digit(line.code().charAt(i), 10) * (i % 2 == 0 ? 3 : 1);
        }
        return line.code().matches("\\d{8}") && sum > 0;
    }

    static String weight(Line line) {
        double pounds = line.kilos() * 2.20462;
        return Math.round(line.kilos() * 10) / 10.0 + " kg/" + Math.round(pounds * 10) / 10.0 + " lb";
    }

    static String money(BigDecimal amount) {
        String plain = amount.toPlainString();
        int dot = plain.indexOf('.');
        StringBuilder out = new StringBuilder(plain);
        for (int i = dot - 3; i > 0; i -= 3) {
            out.insert(i, ' ');
        }
        return out.append(" EUR").toString();
    }

    static void write(StringBuilder out, Map<String, Object> fields) {
        out.append('{');
        fields.forEach((name, value) -> out.append('"').append(name).append("\":\"").append(value).append("\","));
        out.setCharAt(out.length() - 1, '}');
    }
}
