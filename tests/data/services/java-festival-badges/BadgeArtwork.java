import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Draws the pattern at the back of a badge: the same role and colours give the same pattern. */
class BadgeArtwork {
    private static final int SIZE = 132;

    record Style(String role, byte[] colours) {
    }

    private final Map<Style, byte[]> drawn = new ConcurrentHashMap<>();

    byte[] pattern(String role, String colours) {
        Style style = new Style(role, colours.getBytes(StandardCharsets.US_ASCII));
        return drawn.computeIfAbsent(style, BadgeArtwork::draw);
    }

    int styles() {
        return drawn.size();
    }

    private static byte[] draw(Style style) {
        byte[] pixels = new byte[SIZE * SIZE];
        int turn = style.role().hashCode() & 31;
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                int colour = ((x + turn) / 6 + y / 6) % style.colours().length;
                pixels[y * SIZE + x] = style.colours()[colour];
            }
        }
        return pixels;
    }
}
