import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.text.Collator;
import java.text.MessageFormat;
import java.text.Normalizer;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The week's broadcasts, and how they are prepared for the listeners' apps. */
class Programme {
    @Retention(RetentionPolicy.RUNTIME)
    @interface Required {
        int max() default 400;
    }

    /** As the studio's planning system exports it. */
    static class Broadcast {
        @Required(max = 12) public String id;
        @Required(max = 40) public String station;
        @Required(max = 80) public String title;
        @Required public String blurb;
        @Required(max = 20) public String start;
        @Required(max = 8) public String length;
        public List<String> people = new ArrayList<>();
        public List<String> tags = new ArrayList<>();
    }

    private static final Pattern NOT_WORD = Pattern.compile("[^a-z0-9]+");
    private static final Pattern MARK = Pattern.compile("\\p{M}+");
    private static final Pattern EMPHASIS = Pattern.compile("\\*(\\w[^*]*)\\*");
    private static final Pattern LINK = Pattern.compile("\\[([^\\]]+)\\]\\(([^)]+)\\)");
    private static final DateTimeFormatter PLANNED = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("EEE d MMM, HH:mm", Locale.UK);
    private static final String[] STATIONS = {"Coast", "Culture", "City", "Classics"};
    private static final String[] WORDS = {"Morgen", "São João", "Jazz", "Letters", "Café", "Harbour", "Garden", "Øst",
        "Evening", "Concert", "Naïve", "Kitchen", "Atlas", "Fado", "Voices", "Tide"};
    private static final String[] PEOPLE = {"ana lúcia reis", "TOM HALE", "Ingrid Bø", "rui costa", "mae o'dell"};

    private final ObjectMapper mapper = new ObjectMapper();
    private final List<Broadcast> broadcasts = new ArrayList<>();

    Programme(int count) {
        Random random = new Random(1010);
        LocalDateTime at = LocalDateTime.of(2026, 3, 2, 5, 0);
        for (int i = 0; i < count; i++) {
            Broadcast b = new Broadcast();
            b.id = "B" + (51000 + i);
            b.station = STATIONS[i % STATIONS.length];
            b.title = word(random) + " " + word(random) + " & " + word(random);
            b.blurb = "With *" + word(random) + "* and <" + word(random) + ">: see [the notes](https://radio.example/n/" + i
                    + ") of " + word(random) + " \"" + word(random) + "\".";
            b.start = PLANNED.format(at.plusMinutes(i / STATIONS.length * 120L));
            b.length = random.nextInt(2) + ":" + (10 + random.nextInt(45));
            for (int p = 0; p <= i % 3; p++) {
                b.people.add(PEOPLE[random.nextInt(PEOPLE.length)]);
                b.tags.add(word(random));
            }
            broadcasts.add(b);
        }
    }

    private static String word(Random random) {
        return WORDS[random.nextInt(WORDS.length)];
    }

    JsonNode week(ZoneId zone, Locale language) {
        List<Map<String, Object>> shown = new ArrayList<>();
        for (Broadcast b : broadcasts) {
            Broadcast own = copy(b);
            validate(own);
            Map<String, Object> view = new LinkedHashMap<>();
            view.put("id", own.id);
            view.put("uid", UUID.nameUUIDFromBytes((own.id + own.start).getBytes(StandardCharsets.UTF_8)).toString());
            view.put("station", own.station);
            view.put("title", own.title);
            view.put("slug", slug(own.title));
            view.put("sortKey", sortKey(own.title));
            times(own, zone, view);
            view.put("blurbHtml", markup(escape(own.blurb)));
            view.put("people", own.people.stream().map(Programme::personName).distinct().toList());
            view.put("tags", own.tags.stream().map(t -> t.toLowerCase(language)).sorted().collect(Collectors.joining(", ")));
            view.put("label", MessageFormat.format("{0} on {1} ({2})", own.title, own.station, own.id));
            view.put("shareUrl", share(own));
            shown.add(view);
        }
        return tidy(mapper.valueToTree(days(shown, language)));
    }

    int size() {
        return broadcasts.size();
    }

    /** Nobody may change the plan itself. */
    private Broadcast copy(Broadcast b) {
        Broadcast own = new Broadcast();
        own.id = b.id.trim();
        own.station = b.station.strip();
        own.title = b.title.replace("  ", " ");
        own.blurb = b.blurb;
        own.start = b.start;
        own.length = b.length;
        own.people = new ArrayList<>(b.people);
        own.tags = new ArrayList<>(b.tags);
        return own;
    }

    private static void validate(Broadcast b) {
        for (Field field : Broadcast.class.getFields()) {
            Required rule = field.getAnnotation(Required.class);
            if (rule == null) {
                continue;
            }
            try {
                String value = (String) field.get(b);
                if (value == null || value.isBlank() || value.length() > rule.max()) {
                    throw new IllegalArgumentException(b.id + ": " + field.getName());
                }
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String slug(String title) {
        String plain = MARK.matcher(Normalizer.normalize(title, Normalizer.Form.NFD)).replaceAll("");
        return NOT_WORD.matcher(plain.toLowerCase(Locale.ROOT)).replaceAll("-");
    }

    private static String sortKey(String title) {
        String lower = title.toLowerCase(Locale.ROOT);
        return lower.startsWith("the ") ? lower.substring(4) + ", the" : lower;
    }

    private static void times(Broadcast b, ZoneId zone, Map<String, Object> view) {
        ZonedDateTime start = LocalDateTime.parse(b.start, PLANNED).atZone(ZoneId.of("Europe/Oslo")).withZoneSameInstant(zone);
        String[] parts = b.length.split(":");
        Duration length = Duration.ofHours(Integer.parseInt(parts[0])).plusMinutes(Integer.parseInt(parts[1]));
        view.put("day", start.toLocalDate().toString());
        view.put("startsAt", start.toOffsetDateTime().toString());
        view.put("endsAt", start.plus(length).toOffsetDateTime().toString());
        view.put("shown", SHOWN.format(start));
        view.put("length", String.format("%d h %02d min", length.toHours(), length.toMinutesPart()));
    }

    private static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 32);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    private static String markup(String text) {
        String linked = LINK.matcher(text).replaceAll("<a href=\"$2\">$1</a>");
        return EMPHASIS.matcher(linked).replaceAll("<em>$1</em>");
    }

    private static String personName(String name) {
        StringBuilder out = new StringBuilder();
        for (String part : name.split("\\s")) {
            out.append(out.length() > 0 ? " " : "").append(Character.toUpperCase(part.charAt(0)))
                    .append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        return out.toString();
    }

    private static String share(Broadcast b) {
        byte[] token = (b.id + ":" + b.station + ":" + b.start).getBytes(StandardCharsets.UTF_8);
        return "https://radio.example/s/" + Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    /** Days in order, each day's broadcasts by station and title. */
    private static Map<String, List<Map<String, Object>>> days(List<Map<String, Object>> shown, Locale language) {
        Collator collator = Collator.getInstance(language);
        collator.setStrength(Collator.SECONDARY);
        Map<String, List<Map<String, Object>>> days = shown.stream()
                .collect(Collectors.groupingBy(v -> (String) v.get("day"), TreeMap::new, Collectors.toList()));
        for (List<Map<String, Object>> day : days.values()) {
            day.sort(Comparator.<Map<String, Object>, String>comparing(v -> (String) v.get("station"))
                    .thenComparing(v -> (String) v.get("sortKey"), collator));
        }
        return days;
    }

    /** The apps want snake_case, and no empty fields. */
    private static JsonNode tidy(JsonNode node) {
        if (node.isObject()) {
            ObjectNode out = ((ObjectNode) node).objectNode();
            node.properties().forEach(e -> {
                if (!e.getValue().isNull() && !(e.getValue().isTextual() && e.getValue().asText().isEmpty())) {
                    out.set(snake(e.getKey()), tidy(e.getValue()));
                }
            });
            return out;
        }
        if (node.isArray()) {
            ArrayNode out = ((ArrayNode) node).arrayNode();
            node.forEach(n -> out.add(tidy(n)));
            return out;
        }
        return node;
    }

    private static String snake(String key) {
        StringBuilder out = new StringBuilder(key.length() + 4);
        for (char c : key.toCharArray()) {
            if (Character.isUpperCase(c)) {
                out.append('_').append(Character.toLowerCase(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
