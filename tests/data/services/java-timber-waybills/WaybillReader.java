package waybills;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.Attributes;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** Reads the waybills that the hauliers hand in as XML. */
final class WaybillReader {

    record Stack(String species, String grade, int moisture, int logs, double cubicMetres) {
    }

    record Waybill(String number, String dated, String haulier, String from, String to, List<Stack> stacks) {
        double cubicMetres() {
            return stacks.stream().mapToDouble(Stack::cubicMetres).sum();
        }
    }

    private final SAXParserFactory factory = SAXParserFactory.newInstance();

    Waybill read(String document) throws IOException {
        Collector collector = new Collector();
        try {
            factory.newSAXParser().parse(new InputSource(new StringReader(document)), collector);
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException("not a waybill: " + e.getMessage(), e);
        }
        return collector.waybill();
    }

    private static final class Collector extends DefaultHandler {
        private final StringBuilder text = new StringBuilder();
        private final List<Stack> stacks = new ArrayList<>();
        private String number;
        private String dated;
        private String haulier;
        private String from;
        private String to;
        private String species;
        private String grade;
        private int moisture;
        private int logs;
        private double volume;

        @Override
        public void startElement(String uri, String local, String name, Attributes a) {
            text.setLength(0);
            switch (name) {
                case "waybill" -> {
                    number = a.getValue("number");
                    dated = a.getValue("dated");
                }
                case "stack" -> {
                    species = a.getValue("species");
                    grade = a.getValue("grade");
                    moisture = Integer.parseInt(a.getValue("moisture"));
                    logs = 0;
                    volume = 0;
                }
                case "log" -> {
                    double radius = (Double.parseDouble(a.getValue("dia")) - Integer.parseInt(a.getValue("bark"))) / 200;
                    volume += Math.PI * radius * radius * Double.parseDouble(a.getValue("cm")) / 100;
                    logs++;
                }
                default -> { }
            }
        }

        @Override
        public void endElement(String uri, String local, String name) {
            switch (name) {
                case "haulier" -> haulier = text.toString().trim();
                case "from" -> from = text.toString().trim();
                case "to" -> to = text.toString().trim();
                case "stack" -> stacks.add(new Stack(species, grade, moisture, logs, volume));
                default -> { }
            }
        }

        @Override
        public void characters(char[] chars, int start, int length) {
            text.append(chars, start, length);
        }

        Waybill waybill() {
            return new Waybill(number, dated, haulier, from, to, List.copyOf(stacks));
        }
    }
}
