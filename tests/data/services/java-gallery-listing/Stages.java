import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.zip.Adler32;

/** What each work of art passes on its way to the page. */
class Stages {
    private static final String[] ROMAN = {"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"};
    private static final int[] VALUES = {1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1};

    static final List<UnaryOperator<ObjectNode>> ALL = List.of(Stages::slug, Stages::epoch, Stages::dimensions,
            Stages::artistName, Stages::token, Stages::keywords, Stages::rights, Stages::hanging, Stages::checksum,
            Stages::trigrams, Stages::loan);

    static ObjectNode slug(ObjectNode work) {
        String title = work.get("title").asText();
        StringBuilder out = new StringBuilder();
        for (char c : title.toCharArray()) {
            out.append(Character.isLetterOrDigit(c) ? Character.toLowerCase(c) : '-');
        }
        return work.put("slug", out.toString());
    }

    static ObjectNode epoch(ObjectNode work) {
        int year = work.get("year").asInt();
        StringBuilder roman = new StringBuilder();
        for (int i = 0; i < VALUES.length; i++) {
            while (year >= VALUES[i]) {
                roman.append(ROMAN[i]);
                year -= VALUES[i];
            }
        }
        return work.put("inscription", roman.toString());
    }

    static ObjectNode dimensions(ObjectNode work) {
        String[] sides = work.get("size").asText().split("x");
        double inches = Double.parseDouble(sides[0]) / 2.54 * Double.parseDouble(sides[1]) / 2.54;
        return work.put("area", Math.round(inches * 100) / 100.0);
    }

    static ObjectNode artistName(ObjectNode work) {
        String[] parts = work.get("artist").asText().split(" ");
        String family = parts[parts.length - 1].toUpperCase(Locale.UK);
        return work.put("sort", family + ", " + String.join(" ", List.of(parts).subList(0, parts.length - 1)));
    }

    static ObjectNode token(ObjectNode work) {
        byte[] bytes = (work.get("id").asText() + work.get("size").asText()).getBytes();
        return work.put("token", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    static ObjectNode keywords(ObjectNode work) {
        TreeSet<String> words = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        StringTokenizer tokens = new StringTokenizer(work.get("title").asText() + " " + work.get("artist").asText());
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        return work.put("keywords", String.join(" ", words));
    }

    static ObjectNode rights(ObjectNode work) {
        LocalDate free = LocalDate.ofYearDay(work.get("year").asInt(), 1 + work.get("id").asInt() % 365).plusYears(70);
        return work.put("free_from", free.toString());
    }

    static ObjectNode hanging(ObjectNode work) {
        BitSet walls = new BitSet(96);
        for (int i = work.get("id").asInt() % 7; i < 96; i += 5) {
            walls.flip(i);
        }
        return work.put("wall", walls.nextClearBit(work.get("id").asInt() % 90));
    }

    static ObjectNode checksum(ObjectNode work) {
        Adler32 sum = new Adler32();
        work.fieldNames().forEachRemaining(name -> sum.update(name.getBytes()));
        return work.put("sum", Long.toHexString(sum.getValue()));
    }

    static ObjectNode trigrams(ObjectNode work) {
        String title = work.get("title").asText();
        List<String> grams = new ArrayList<>();
        for (int i = 0; i + 3 <= title.length(); i += 3) {
            grams.add(title.substring(i, i + 3));
        }
        return work.put("grams", grams.hashCode());
    }

    static ObjectNode loan(ObjectNode work) {
        UUID id = new UUID(work.get("id").asLong() * 31, work.get("year").asLong());
        return work.put("loan", id.toString().substring(9, 23));
    }
}
