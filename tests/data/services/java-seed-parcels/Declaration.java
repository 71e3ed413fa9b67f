package declarations;

import com.google.gson.Gson;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.text.Normalizer;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.stream.XMLStreamWriter;

/** Makes the declaration of a dispatch: every line passes the steps that the office's handbook asks for. */
final class Declaration {
    private static final Map<String, BigDecimal> RATES = Map.of("EUR", BigDecimal.ONE, "CHF", new BigDecimal("1.0731"),
            "GBP", new BigDecimal("1.1912"), "SEK", new BigDecimal("0.0871"));
    private static final Pattern LOT = Pattern.compile("L(\\d{1,5})-(\\d{1,2})");
    private static final Pattern TREATED = Pattern.compile("Treated: ([^;]+); bag (\\d+)");
    private static final DateTimeFormatter PRINTED = DateTimeFormatter.ofPattern("EEE d MMM uuuu", Locale.ENGLISH);

    private final Gson gson;
    private final XMLOutputFactory writers = XMLOutputFactory.newInstance();
    private final XMLInputFactory readers = XMLInputFactory.newInstance();
    private final List<Consumer<Map<String, Object>>> steps = List.of(this::tidy, this::names, this::lot, this::origin,
            this::dates, this::weight, this::value, this::germination, this::treatment, this::label, this::seal, this::number);

    Declaration(Gson gson) {
        this.gson = gson;
    }

    String of(Main.Dispatch dispatch) {
        List<Map<String, Object>> lines = new ArrayList<>();
        for (Main.Line line : dispatch.lines()) {
            Map<String, Object> fields = gson.fromJson(gson.toJson(line), LinkedHashMap.class);
            fields.put("leaves", dispatch.leaves().toString());
            steps.forEach(step -> step.accept(fields));
            lines.add(fields);
        }
        lines.sort((a, b) -> ((String) a.get("name")).compareToIgnoreCase((String) b.get("name")));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("dispatch", dispatch.number());
        answer.put("totals", totals(lines));
        answer.put("codes", read(xml(lines)));
        answer.put("lines", lines);
        return gson.toJson(answer);
    }

    private void tidy(Map<String, Object> f) {
        f.replaceAll((key, value) -> value.toString().strip().replaceAll("\\s+", " "));
        f.put("article", f.get("article").toString().toUpperCase(Locale.ROOT).replace('/', '.'));
    }

    private void names(Map<String, Object> f) {
        String plain = Normalizer.normalize((String) f.get("species"), Normalizer.Form.NFD).replaceAll("\\p{M}", "");
        String[] words = plain.split(" ");
        f.put("name", words[0].charAt(0) + ". " + words[1].toLowerCase(Locale.ROOT));
        f.put("slug", String.join("-", words).toLowerCase(Locale.ROOT));
    }

    private void lot(Map<String, Object> f) {
        var m = LOT.matcher((String) f.get("lot"));
        f.put("lot", m.matches() ? String.format("%05d/%02d", Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2))) : "?");
    }

    private void origin(Map<String, Object> f) {
        String text = ((String) f.get("origin")).toUpperCase(Locale.ROOT).replace(" ", "");
        f.put("origin", new Locale("", text.substring(0, 2)).getDisplayCountry(Locale.ENGLISH) + " " + text.substring(2));
    }

    private void dates(Map<String, Object> f) {
        LocalDate harvested = LocalDate.parse((String) f.get("harvested"));
        f.put("harvested", PRINTED.format(harvested));
        f.put("age", ChronoUnit.DAYS.between(harvested, LocalDate.parse((String) f.get("leaves"))));
    }

    private void weight(Map<String, Object> f) {
        BigDecimal kilograms = new BigDecimal((String) f.get("grams")).movePointLeft(3).setScale(4, RoundingMode.HALF_UP);
        f.put("kilograms", kilograms);
        f.put("weight", new DecimalFormat("#,##0.000 kg", DecimalFormatSymbols.getInstance(Locale.GERMANY)).format(kilograms));
    }

    private void value(Map<String, Object> f) {
        BigDecimal euros = new BigDecimal(((String) f.get("price")).replace(',', '.')).multiply(RATES.get(f.get("currency")));
        f.put("euros", euros.setScale(2, RoundingMode.HALF_EVEN));
    }

    private void germination(Map<String, Object> f) {
        double share = Double.parseDouble(((String) f.get("germination")).replace("%", "")) / 100;
        f.put("grade", share > 0.9 ? "I" : share > 0.75 ? "II" : "III");
        f.put("germination", Math.round(1000 * share * Math.exp(-((Long) f.get("age")) / 3650.0)) / 10.0);
    }

    private void treatment(Map<String, Object> f) {
        var m = TREATED.matcher((String) f.get("note"));
        if (m.find()) {
            f.put("treated", m.group(1).replace("<", "&lt;").replace(">", "&gt;"));
            f.put("bag", Integer.valueOf(m.group(2)));
        }
    }

    private void label(Map<String, Object> f) {
        f.put("label", MessageFormat.format("{0}, lot {1}, {2} ({3})", f.get("name"), f.get("lot"), f.get("weight"), f.get("grade")));
    }

    private void seal(Map<String, Object> f) {
        CRC32 crc = new CRC32();
        f.values().forEach(value -> crc.update(value.toString().getBytes(StandardCharsets.UTF_8)));
        byte[] mark = Long.toString(crc.getValue(), 36).getBytes(StandardCharsets.US_ASCII);
        f.put("seal", Base64.getUrlEncoder().withoutPadding().encodeToString(mark) + HexFormat.of().formatHex(mark, 0, 3));
    }

    private void number(Map<String, Object> f) {
        f.put("id", UUID.nameUUIDFromBytes((f.get("article") + "|" + f.get("lot")).getBytes(StandardCharsets.UTF_8)).toString());
    }

    private Map<String, BigDecimal> totals(List<Map<String, Object>> lines) {
        Map<String, BigDecimal> totals = new TreeMap<>();
        for (Map<String, Object> line : lines) {
            totals.merge("kg " + line.get("slug"), (BigDecimal) line.get("kilograms"), BigDecimal::add);
            totals.merge("eur " + line.get("grade"), (BigDecimal) line.get("euros"), BigDecimal::add);
        }
        return totals;
    }

    private String xml(List<Map<String, Object>> lines) {
        StringWriter out = new StringWriter();
        try {
            XMLStreamWriter xml = writers.createXMLStreamWriter(out);
            xml.writeStartElement("declaration");
            for (Map<String, Object> line : lines) {
                xml.writeStartElement("item");
                xml.writeAttribute("id", (String) line.get("id"));
                xml.writeAttribute("grade", (String) line.get("grade"));
                xml.writeCharacters((String) line.get("label"));
                xml.writeEndElement();
            }
            xml.writeEndElement();
            xml.close();
            return out.toString();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Integer> read(String document) {
        Map<String, Integer> codes = new TreeMap<>();
        try {
            XMLStreamReader xml = readers.createXMLStreamReader(new StringReader(document));
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamReader.START_ELEMENT && xml.getLocalName().equals("item")) {
                    codes.merge(xml.getAttributeValue(null, "grade"), 1, Integer::sum);
                }
            }
            return codes;
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e);
        }
    }
}
