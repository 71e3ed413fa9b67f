import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

record Consignment(String consignee, String town, String goods, double kilos, String remark) {
}

/** Reads one line of a manifest, in whichever of the shippers' layouts it is. */
class ManifestReader {
    private static final double KILOS_PER_POUND = 0.45359237;

    private record Layout(Pattern pattern, double factor) {
    }

    private final List<Layout> layouts = List.of(
            new Layout(Pattern.compile("(?<consignee>.+);(?<street>.+);(?<town>.+);(?<goods>.+);(?<pieces>.+);"
                    + "(?<weight>\\d+(?:\\.\\d+)?) ?kg(?:;(?<remark>.*))?"), 1),
            new Layout(Pattern.compile("(?<consignee>.+);(?<street>.+);(?<town>.+);(?<goods>.+);(?<pieces>.+);"
                    + "(?<weight>\\d+(?:\\.\\d+)?) ?lbs?(?:;(?<remark>.*))?"), KILOS_PER_POUND));

    Consignment read(String line) {
        for (Layout layout : layouts) {
            Matcher matcher = layout.pattern().matcher(line.strip());
            if (matcher.matches()) {
                double kilos = Double.parseDouble(matcher.group("weight")) * layout.factor();
                return new Consignment(matcher.group("consignee"), town(matcher.group("town")), matcher.group("goods"), kilos,
                        matcher.group("remark"));
            }
        }
        return null;
    }

    private static String town(String field) {
        int blank = field.indexOf(' ');
        return blank > 0 && Character.isDigit(field.charAt(0)) ? field.substring(blank + 1) : field;
    }
}
