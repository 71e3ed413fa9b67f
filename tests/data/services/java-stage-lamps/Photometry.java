import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.StringTokenizer;

/** Light distributions of lamp models, read from the makers' files when they are needed. */
class Photometry {

    /** Candela by angle: one row for each two and a half degrees around, one column for each degree from the axis. */
    record Distribution(String model, float[][] table, double peak) {

        double candela(double vertical, double horizontal) {
            double v = Math.min(89.99, vertical);
            int h = (int) (horizontal / 2.5) % table.length;
            int low = (int) v;
            double part = v - low;
            return table[h][low] * (1 - part) + table[h][low + 1] * part;
        }

        int kilobytes() {
            return 1 + table.length * table[0].length * Float.BYTES / 1024;
        }
    }

    private final LampLibrary library;
    private final Cache<String, Distribution> distributions;

    Photometry(LampLibrary library, int kilobytes) {
        this.library = library;
        this.distributions = Caffeine.newBuilder()
                .maximumWeight(kilobytes)
                .weigher((String model, Distribution d) -> d.kilobytes())
                .expireAfterWrite(Duration.ofHours(12))
                .build();
    }

    Distribution of(String model) {
        Distribution known = distributions.getIfPresent(model);
        if (known == null) {
            known = read(model);
            if (known != null) {
                distributions.put(model, known);
            }
        }
        return known;
    }

    private Distribution read(String model) {
        String text = library.text(model);
        if (text == null) {
            return null;
        }
        StringTokenizer words = new StringTokenizer(text.substring(text.indexOf("TILT=NONE") + 9));
        words.nextToken();
        words.nextToken();
        double factor = Double.parseDouble(words.nextToken());
        int columns = Integer.parseInt(words.nextToken());
        int rows = Integer.parseInt(words.nextToken());
        float[][] table = new float[rows][columns];
        double peak = 0;
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                table[r][c] = (float) (Double.parseDouble(words.nextToken()) * factor);
                peak = Math.max(peak, table[r][c]);
            }
        }
        return new Distribution(model, smooth(table), peak);
    }

    /** The makers measure coarsely: even out steps between neighbours. */
    private static float[][] smooth(float[][] table) {
        float[][] even = table;
        for (int pass = 0; pass < 6; pass++) {
            float[][] next = new float[even.length][even[0].length];
            for (int r = 0; r < even.length; r++) {
                float[] left = even[(r + even.length - 1) % even.length];
                float[] right = even[(r + 1) % even.length];
                for (int c = 0; c < even[r].length; c++) {
                    next[r][c] = even[r][c] * 0.6f + (left[c] + right[c]) * 0.15f + (even[r][Math.max(0, c - 1)] + even[r][Math.min(90, c + 1)]) * 0.05f;
                }
            }
            even = next;
        }
        return even;
    }
}
