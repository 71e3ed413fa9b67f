package choir;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.Normalizer;
import java.time.LocalDate;
import java.time.Period;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.support.DefaultConversionService;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriUtils;

/** From the office's rows to the roster that section leaders see. */
public class RosterService {
    public enum Voice { SOPRANO, ALTO, TENOR, BASS }

    public record Singer(int id, String given, String family, Voice voice, LocalDate born, BigDecimal fee, String street, long attended) {
    }

    public record Entry(int id, String name, String sortName, String voice, String age, String fee, String link, String initials,
                        String evenings) {
    }

    private static final DateTimeFormatter BIRTHDAY = DateTimeFormatter.ofPattern("d MMM", Locale.UK);
    private static final LocalDate TODAY = LocalDate.of(2025, 5, 20);

    private final ConversionService conversion = DefaultConversionService.getSharedInstance();
    private final Singers singers;

    public RosterService(Singers singers) {
        this.singers = singers;
    }

    public Map<String, List<Entry>> roster(String choir, int perVoice) {
        List<Entry> entries = new ArrayList<>();
        for (Map<String, Object> row : singers.rows(choir)) {
            Singer singer = toSinger(row);
            if (isActive(singer)) {
                entries.add(toEntry(singer));
            }
        }
        entries.sort(Comparator.comparing(Entry::sortName).thenComparing(Entry::id));
        Map<String, List<Entry>> sections = new LinkedHashMap<>();
        for (Entry entry : entries) {
            List<Entry> section = sections.computeIfAbsent(entry.voice(), v -> new ArrayList<>());
            if (section.size() < perVoice) {
                section.add(entry);
            }
        }
        return sections;
    }

    private Singer toSinger(Map<String, Object> row) {
        return new Singer(
                conversion.convert(row.get("id"), Integer.class),
                text(row, "given_name"),
                text(row, "family_name"),
                conversion.convert(row.get("voice"), Voice.class),
                LocalDate.parse(text(row, "born")),
                new BigDecimal(text(row, "fee")),
                text(row, "street"),
                (Long) row.get("attended"));
    }

    private String text(Map<String, Object> row, String column) {
        return Optional.ofNullable(row.get(column)).map(Object::toString).map(String::strip).filter(StringUtils::hasLength).orElse(null);
    }

    private boolean isActive(Singer singer) {
        return singer.attended() >= 0 && Period.between(singer.born(), TODAY).getYears() > 12;
    }

    private Entry toEntry(Singer singer) {
        return new Entry(singer.id(), displayName(singer), sortName(singer), StringUtils.capitalize(singer.voice().name().toLowerCase(Locale.UK)),
                age(singer), fee(singer), link(singer), initials(singer), evenings(singer));
    }

    private String displayName(Singer singer) {
        StringJoiner name = new StringJoiner(" ");
        for (String part : StringUtils.tokenizeToStringArray(singer.given() + " " + singer.family(), " -")) {
            name.add(StringUtils.capitalize(part));
        }
        return name.toString();
    }

    private String sortName(Singer singer) {
        String plain = Normalizer.normalize(singer.family(), Normalizer.Form.NFD);
        StringBuilder key = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (Character.isLetter(c)) {
                key.append(Character.toLowerCase(c));
            }
        }
        return key.append(',').append(singer.given()).toString();
    }

    private String age(Singer singer) {
        Period lived = Period.between(singer.born(), TODAY);
        return lived.getYears() + " (" + BIRTHDAY.format(singer.born()) + ")";
    }

    private String fee(Singer singer) {
        BigDecimal reduced = singer.fee().multiply(new BigDecimal("0.85"));
        BigDecimal monthly = reduced.divide(BigDecimal.valueOf(12), 2, RoundingMode.HALF_EVEN);
        return "£" + monthly.toPlainString() + " of " + reduced.setScale(2, RoundingMode.HALF_UP).toPlainString();
    }

    private String link(Singer singer) {
        return "/singers/" + singer.id() + "/" + UriUtils.encodePathSegment(singer.given(), "UTF-8") + "?from="
                + UriUtils.encodeQueryParam(singer.street(), "UTF-8");
    }

    private String initials(Singer singer) {
        return (singer.given() + "-" + singer.family()).codePoints().filter(Character::isUpperCase)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private String evenings(Singer singer) {
        BitSet present = BitSet.valueOf(new long[] {singer.attended() * 0x9E3779B97F4A7C15L >>> 12});
        List<Integer> weeks = new ArrayList<>();
        for (int week = present.nextSetBit(0); week >= 0 && weeks.size() < 12; week = present.nextSetBit(week + 1)) {
            weeks.add(week);
        }
        return StringUtils.collectionToCommaDelimitedString(weeks);
    }
}
