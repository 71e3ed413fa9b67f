import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.text.NumberFormat;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;

/** Turns a lesson into the card that the website and the app show. */
class Presenter {

    record Check(List<String> complaints) {
        boolean usable() {
            return complaints.isEmpty();
        }
    }

    private static final Pattern NAME = Pattern.compile("[A-Za-z][\\w-]{1,30}");
    private static final Pattern PRICE = Pattern.compile("\\d{1,3}\\.\\d\\d");
    private static final Pattern LINK = Pattern.compile("\\bhttps?://[^\\s<>&]+");
    private static final Pattern STRONG = Pattern.compile("\\*([^*]+)\\*");
    private final ObjectMapper mapper;
    private final Locale locale;
    private final ZoneId zone;
    private final NumberFormat money;
    private final DateTimeFormatter clock;
    private final DateTimeFormatter day;

    Presenter(ObjectMapper mapper, Locale locale, ZoneId zone) {
        this.mapper = mapper;
        this.locale = locale;
        this.zone = zone;
        this.money = NumberFormat.getCurrencyInstance(Locale.GERMANY);
        this.clock = DateTimeFormatter.ofPattern("HH:mm", locale);
        this.day = DateTimeFormatter.ISO_LOCAL_DATE;
    }

    Check check(YogaTimetable.Lesson lesson) {
        List<String> complaints = new ArrayList<>();
        if (!NAME.matcher(lesson.style()).matches() || !NAME.matcher(lesson.teacher()).matches()) {
            complaints.add("name");
        }
        if (!PRICE.matcher(lesson.priceEuros()).matches()) {
            complaints.add("price");
        }
        if (lesson.minutes() < 15 || lesson.places() < 1) {
            complaints.add("size");
        }
        return new Check(complaints);
    }

    ObjectNode card(YogaTimetable.Lesson lesson) {
        ObjectNode card = mapper.createObjectNode();
        ZonedDateTime start = lesson.start().atZone(zone);
        ZonedDateTime end = start.plusMinutes(lesson.minutes());
        card.put("key", UUID.nameUUIDFromBytes((lesson.id() + "/" + start).getBytes(StandardCharsets.UTF_8)).toString());
        card.put("slug", slug(lesson));
        card.put("day", day.format(start));
        card.put("weekday", start.getDayOfWeek().getDisplayName(TextStyle.FULL, locale));
        card.put("from", clock.format(start));
        card.put("to", clock.format(end));
        card.put("utc", DateTimeFormatter.ISO_INSTANT.format(start.toInstant()));
        card.put("studio", lesson.studio().replace('-', ' '));
        card.put("teacher", capitals(lesson.teacher()));
        card.put("style", capitals(lesson.style()));
        card.put("places", places(lesson));
        card.set("price", price(lesson));
        card.put("text", html(lesson.text()));
        card.put("link", signed(lesson, start));
        return tidy(card);
    }

    private String slug(YogaTimetable.Lesson lesson) {
        String plain = Normalizer.normalize(lesson.style() + " mit " + lesson.teacher() + " in " + lesson.studio(), Normalizer.Form.NFD);
        return plain.replaceAll("\\p{M}", "").toLowerCase(locale).replaceAll("[^a-z0-9]+", "-");
    }

    private String capitals(String words) {
        StringJoiner joined = new StringJoiner(" ");
        for (String word : words.split(" ")) {
            joined.add(word.substring(0, 1).toUpperCase(locale) + word.substring(1));
        }
        return joined.toString();
    }

    private static String places(YogaTimetable.Lesson lesson) {
        int free = lesson.places() - lesson.booked();
        return free <= 0 ? String.format("full, waiting list %d", -free) : String.format("%d of %d free", free, lesson.places());
    }

    private ObjectNode price(YogaTimetable.Lesson lesson) {
        BigDecimal full = new BigDecimal(lesson.priceEuros());
        BigDecimal member = full.multiply(new BigDecimal("0.85")).setScale(2, RoundingMode.HALF_UP);
        BigDecimal vat = full.multiply(new BigDecimal("20")).divide(new BigDecimal("120"), 2, RoundingMode.HALF_UP);
        return mapper.createObjectNode().put("full", money.format(full)).put("member", money.format(member)).put("vat", money.format(vat));
    }

    private static String html(String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        String linked = LINK.matcher(escaped).replaceAll(found -> "<a href=\"" + found.group() + "\">" + found.group() + "</a>");
        return STRONG.matcher(linked).replaceAll("<b>$1</b>");
    }

    private String signed(YogaTimetable.Lesson lesson, ZonedDateTime start) {
        String path = "/book/" + lesson.id() + "?at=" + start.toEpochSecond();
        return path + "&sig=" + digest(path + "/" + lesson.studio()).substring(0, 16);
    }

    /** Fields in alphabetical order, empty ones left out. */
    private ObjectNode tidy(ObjectNode card) {
        TreeMap<String, JsonNode> sorted = new TreeMap<>();
        card.fields().forEachRemaining(field -> sorted.put(field.getKey(), field.getValue()));
        sorted.values().removeIf(value -> value.isTextual() && value.asText().isBlank());
        ObjectNode tidied = mapper.createObjectNode();
        tidied.setAll(sorted);
        return tidied.deepCopy();
    }

    String etag(String json) {
        return '"' + digest(json).substring(0, 24) + '"';
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
