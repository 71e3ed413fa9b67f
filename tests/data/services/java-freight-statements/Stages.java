import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import jakarta.ws.rs.core.UriBuilder;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.text.MessageFormat;
import java.text.Normalizer;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.MonthDay;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What each line of a statement goes through, one stage after another. */
class Stages {

    static class Line {
        public String consignment;
        public String receiver;
        public String postcode;
        public String country;
        public String contact;
        public LocalDate sent;
        public int kilos;
        public String label;
        public String due;
        public BigDecimal price;
        public BigDecimal surcharge;
        public BigDecimal inHome;
        public List<String> notes = new ArrayList<>();
    }

    static Line parse(String record) {
        String[] fields = record.split(";");
        Line line = new Line();
        line.consignment = fields[0].trim();
        line.receiver = fields[1].trim();
        line.postcode = fields[2].trim();
        line.country = fields[3].trim();
        line.sent = LocalDate.parse(fields[4].trim());
        line.kilos = Integer.parseInt(fields[5].trim());
        line.contact = fields[6].trim();
        return line;
    }

    static class Checks {
        private static final Pattern CONSIGNMENT = Pattern.compile("([A-Z]{2})-(\\d{4})-(\\d{6})([A-Z])");
        private static final Map<String, Pattern> POSTCODES = Map.of("DE", Pattern.compile("\\d{5}"), "NL", Pattern.compile("\\d{4} ?[A-Z]{2}"),
                "AT", Pattern.compile("\\d{4}"), "SE", Pattern.compile("\\d{3} ?\\d{2}"));
        private static final Pattern PHONE = Pattern.compile("\\+\\d{2}(?:[ /-]?\\d{2,4}){3,5}");

        Line check(Line line) {
            var parts = CONSIGNMENT.matcher(line.consignment);
            if (!parts.matches() || (char) ('A' + Integer.parseInt(parts.group(3)) % 26) != parts.group(4).charAt(0)) {
                line.notes.add("consignment number is doubtful");
            }
            if (!POSTCODES.get(line.country).matcher(line.postcode).matches()) {
                line.notes.add("postcode does not fit " + line.country);
            }
            if (!PHONE.matcher(line.contact).matches()) {
                line.notes.add("no telephone");
            }
            return line;
        }
    }

    static class Addresses {
        private static final Pattern MARKS = Pattern.compile("\\p{M}+");
        private static final Pattern SPACES = Pattern.compile("\\s{2,}");

        Line tidy(Line line) {
            String text = Normalizer.normalize(line.receiver, Normalizer.Form.NFD);
            text = SPACES.matcher(MARKS.matcher(text).replaceAll("")).replaceAll(" ");
            line.receiver = text.replace("GmbH & Co", "GmbH").toUpperCase(Locale.ROOT);
            return line;
        }
    }

    static class Tariff {
        private static final int[] BRACKETS = {50, 250, 750, 2500};
        private static final MathContext MONEY = new MathContext(18);
        private final BigDecimal fuel = new BigDecimal("0.0875");

        Line price(Line line) {
            BigDecimal sum = new BigDecimal("14.20");
            int from = 0;
            for (int i = 0; i < BRACKETS.length && line.kilos > from; i++) {
                BigDecimal kilos = BigDecimal.valueOf(Math.min(line.kilos, BRACKETS[i]) - from);
                BigDecimal rate = new BigDecimal("0.3140").divide(BigDecimal.valueOf(1 + i * 0.35), MONEY);
                sum = sum.add(kilos.multiply(rate, MONEY));
                from = BRACKETS[i];
            }
            line.price = sum.setScale(2, RoundingMode.HALF_EVEN);
            line.surcharge = sum.multiply(fuel, MONEY).setScale(2, RoundingMode.HALF_EVEN);
            return line;
        }
    }

    static class Exchange {
        private static final Map<String, BigDecimal> PER_EURO = Map.of("DE", BigDecimal.ONE, "NL", BigDecimal.ONE, "AT", BigDecimal.ONE,
                "SE", new BigDecimal("11.2840"));

        Line convert(Line line) {
            BigDecimal margin = BigDecimal.ONE.add(new BigDecimal("0.0065"));
            line.inHome = line.price.add(line.surcharge).multiply(PER_EURO.get(line.country)).multiply(margin)
                    .divide(new BigDecimal("1.0000"), 6, RoundingMode.HALF_UP).setScale(2, RoundingMode.HALF_UP);
            return line;
        }
    }

    static class DueDates {
        private static final Set<MonthDay> HOLIDAYS = Set.of(MonthDay.of(1, 1), MonthDay.of(5, 1), MonthDay.of(10, 3), MonthDay.of(12, 25), MonthDay.of(12, 26));
        private final DateTimeFormatter format = DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM).withLocale(Locale.GERMANY);

        Line due(Line line) {
            LocalDate day = line.sent;
            for (int open = 14; open > 0; ) {
                day = day.plusDays(1);
                if (day.getDayOfWeek() != DayOfWeek.SATURDAY && day.getDayOfWeek() != DayOfWeek.SUNDAY && !HOLIDAYS.contains(MonthDay.from(day))) {
                    open--;
                }
            }
            line.due = format.format(day);
            return line;
        }
    }

    static class Labels {
        private final Map<String, String> patterns = Map.of("DE", "{0}: {1} kg nach {2}", "AT", "{0}: {1} kg nach {2}",
                "NL", "{0}: {1} kg naar {2}", "SE", "{0}: {1} kg till {2}");

        Line label(Line line) {
            line.label = MessageFormat.format(patterns.get(line.country), line.consignment, String.valueOf(line.kilos), line.postcode);
            return line;
        }
    }

    private final List<Function<Line, Line>> perLine = List.of(new Checks()::check, new Addresses()::tidy, new Tariff()::price,
            new Exchange()::convert, new DueDates()::due, new Labels()::label);

    List<Line> run(List<String> records) {
        List<Line> lines = new ArrayList<>(records.size());
        for (String record : records) {
            Line line = parse(record);
            for (Function<Line, Line> stage : perLine) {
                line = stage.apply(line);
            }
            lines.add(line);
        }
        return lines;
    }

    static List<Line> sorted(List<Line> lines) {
        List<Line> copy = new ArrayList<>(lines);
        copy.sort(Comparator.comparing((Line l) -> l.country).thenComparing(l -> l.receiver).thenComparing(l -> l.consignment));
        return copy;
    }

    /** Hides what the reader may not see, at any depth. */
    static JsonNode masked(JsonNode node) {
        if (node instanceof ArrayNode array) {
            array.forEach(Stages::masked);
        } else if (node instanceof ObjectNode object) {
            Iterator<Map.Entry<String, JsonNode>> fields = object.fields();
            while (fields.hasNext()) {
                Map.Entry<String, JsonNode> field = fields.next();
                if (field.getKey().equals("contact") && field.getValue().isTextual()) {
                    String text = field.getValue().asText();
                    field.setValue(new TextNode(text.substring(0, 3) + text.substring(3).replaceAll("\\d(?=.{3})", "*")));
                } else {
                    masked(field.getValue());
                }
            }
        }
        return node;
    }

    static void addLinks(JsonNode lines, String base) {
        for (JsonNode line : lines) {
            ((ObjectNode) line).put("href", UriBuilder.fromUri(base).path("consignments").path(line.get("consignment").asText()).build().toString());
        }
    }
}
