import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The varieties of the nursery and the beds that they stand in. */
class Stock {
    private static final String[] BEDS = {"north", "south", "wall", "tunnel"};
    private static final String[] FIRST = {"Duchess", "Lady", "Captain", "Old", "Royal", "Scarlet", "Golden", "Doctor"};
    private static final String[] SECOND = {"Hathaway", "Blush", "Marsh", "Velvet", "Ward", "Lantern", "Bourbon"};

    public static class Rose {
        private final String code, name, bed;
        private final int height, scent, hardiness, litres;
        private final double price;

        Rose(String code, String name, String bed, Random random) {
            this.code = code;
            this.name = name;
            this.bed = bed;
            height = 60 + random.nextInt(180);
            scent = random.nextInt(10);
            hardiness = 5 + random.nextInt(3);
            litres = random.nextInt(3) * 3;
            price = 9.5 + random.nextInt(40) / 2.0;
        }

        public String getCode() { return code; }
        public String getName() { return name; }
        public String getBed() { return bed; }
        public int getHeight() { return height; }
        public int getScent() { return scent; }
        public int getHardiness() { return hardiness; }
        public int getLitres() { return litres; }
        public double getPrice() { return price; }
        public boolean isPotted() { return litres > 0; }
        public boolean isClimbs() { return height > 200; }
    }

    private final Map<String, Rose> roses = new LinkedHashMap<>();

    Stock(int count) {
        Random random = new Random(1867);
        for (int i = 0; i < count; i++) {
            String code = "R" + (1000 + i);
            String name = FIRST[random.nextInt(FIRST.length)] + " " + SECOND[random.nextInt(SECOND.length)] + " No. " + i;
            roses.put(code, new Rose(code, name, BEDS[i % BEDS.length], random));
        }
    }

    List<Rose> all() {
        return new ArrayList<>(roses.values());
    }

    Rose byCode(String code) {
        return roses.get(code);
    }

    List<Rose> inBed(String bed) {
        return roses.values().stream().filter(r -> r.getBed().equals(bed)).toList();
    }

    Map<String, Integer> countByBed() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        roses.values().forEach(r -> counts.merge(r.getBed(), 1, Integer::sum));
        return counts;
    }
}
