import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Breads and cakes with their prices, and what a basket comes to. */
class PriceList {
    record Line(String article, int pieces, BigDecimal amount) {
    }

    private final Map<String, BigDecimal> prices = new LinkedHashMap<>();

    PriceList() {
        String[] doughs = {"rye", "spelt", "wheat", "oat", "malt"};
        String[] shapes = {"loaf", "roll", "ring", "stick", "tin", "plait"};
        int cents = 95;
        for (String dough : doughs) {
            for (String shape : shapes) {
                prices.put(dough + "-" + shape, BigDecimal.valueOf(cents, 2));
                cents += 17;
            }
        }
    }

    List<Line> price(Map<String, Integer> basket) {
        List<Line> lines = new ArrayList<>();
        basket.forEach((article, pieces) -> {
            BigDecimal each = prices.get(article);
            if (each == null) {
                throw new IllegalArgumentException("no such article: " + article);
            }
            BigDecimal amount = each.multiply(BigDecimal.valueOf(pieces));
            if (pieces >= 12) {
                amount = amount.multiply(new BigDecimal("0.92"));
            }
            lines.add(new Line(article, pieces, amount.setScale(2, RoundingMode.HALF_UP)));
        });
        return lines;
    }
}
