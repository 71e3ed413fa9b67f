import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.StringTokenizer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jsoup.Jsoup;
import org.jsoup.safety.Safelist;

/** The steps from a recipe to a card; each takes the card as a map and gives back the next one. */
class CardPipeline {

    record Wish(String units, int servings) {}

    interface Step {
        Map<String, Object> apply(Map<String, Object> card, Wish wish);
    }

    private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
    private static final Pattern HEAT = Pattern.compile("(\\d+)\\s*°C");
    private static final Pattern TIME = Pattern.compile("(\\d+)\\s+min\\b");
    private final ObjectMapper json;
    private final List<Step> steps = new ArrayList<>();
    final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

    CardPipeline(ObjectMapper json) {
        this.json = json;
        add("scale", this::scale);
        add("units", this::units);
        add("method", this::method);
        add("intro", this::intro);
        add("slug", this::slug);
        add("wrap", this::wrap);
        add("barcode", this::barcode);
    }

    private void add(String name, Step step) {
        LongAdder count = counts.computeIfAbsent(name, k -> new LongAdder());
        steps.add((Step) Proxy.newProxyInstance(Step.class.getClassLoader(), new Class<?>[] {Step.class}, (proxy, called, args) -> {
            count.increment();
            return called.invoke(step, args);
        }));
    }

    Map<String, Object> card(CardServer.Recipe recipe, Wish wish) {
        Map<String, Object> card = json.convertValue(recipe, MAP);
        for (Step step : steps) {
            card = step.apply(new LinkedHashMap<>(card), wish);
        }
        return card;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> ingredients(Map<String, Object> card) {
        return (List<Map<String, Object>>) card.get("ingredients");
    }

    private Map<String, Object> scale(Map<String, Object> card, Wish wish) {
        for (Map<String, Object> ingredient : ingredients(card)) {
            BigDecimal grams = new BigDecimal(ingredient.get("grams").toString());
            ingredient.put("grams", grams.multiply(BigDecimal.valueOf(wish.servings())).divide(BigDecimal.valueOf(4), MathContext.DECIMAL32));
        }
        return card;
    }

    private Map<String, Object> units(Map<String, Object> card, Wish wish) {
        for (Map<String, Object> ingredient : ingredients(card)) {
            double grams = ((BigDecimal) ingredient.remove("grams")).doubleValue();
            ingredient.put("amount", wish.units().equals("imperial")
                    ? String.format(Locale.UK, "%.1f oz", grams / 28.3495) : Math.round(grams) + " g");
        }
        return card;
    }

    private Map<String, Object> method(Map<String, Object> card, Wish wish) {
        List<String> lines = new ArrayList<>();
        Duration total = Duration.ZERO;
        for (Object step : (List<?>) card.get("steps")) {
            String line = HEAT.matcher(step.toString()).replaceAll(m -> wish.units().equals("imperial")
                    ? Math.round(Integer.parseInt(m.group(1)) * 1.8 + 32) + "°F" : m.group());
            Matcher time = TIME.matcher(line);
            while (time.find()) {
                total = total.plusMinutes(Long.parseLong(time.group(1)));
            }
            lines.add(line);
        }
        card.put("steps", lines);
        card.put("cooking", total.toString());
        return card;
    }

    private Map<String, Object> intro(Map<String, Object> card, Wish wish) {
        String text = card.get("intro").toString();
        if (text.indexOf('<') >= 0) {
            card.put("intro", Jsoup.clean(text, Safelist.basic()));
        }
        return card;
    }

    private Map<String, Object> slug(Map<String, Object> card, Wish wish) {
        String plain = Normalizer.normalize(card.get("title").toString(), Normalizer.Form.NFD).replaceAll("\\p{M}+", "");
        card.put("slug", plain.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"));
        return card;
    }

    private Map<String, Object> wrap(Map<String, Object> card, Wish wish) {
        List<String> lines = new ArrayList<>();
        for (Object step : (List<?>) card.get("steps")) {
            StringJoiner line = new StringJoiner(" ");
            StringTokenizer words = new StringTokenizer(step.toString());
            while (words.hasMoreTokens()) {
                String word = words.nextToken();
                if (line.length() + word.length() > 28) {
                    lines.add(line.toString());
                    line = new StringJoiner(" ");
                }
                line.add(word);
            }
            lines.add(line.toString());
        }
        card.put("printed", lines);
        return card;
    }

    private Map<String, Object> barcode(Map<String, Object> card, Wish wish) {
        CRC32 crc = new CRC32();
        crc.update(card.toString().getBytes(StandardCharsets.UTF_8));
        card.put("code", "C" + Long.toString(crc.getValue(), 36).toUpperCase(Locale.ROOT));
        return card;
    }
}
