import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the warehouse floor system where a quantity can be picked. */
class ShelfFinder {
    private static final Pattern SHELF = Pattern.compile("\"shelf\":\\s*\"([^\"]+)\"");
    private final String base;

    ShelfFinder(String base) {
        this.base = base;
    }

    String find(String depot, String sku, int quantity) {
        try {
            URL url = new URL(base + "/shelves?depot=" + depot + "&sku=" + sku + "&quantity=" + quantity);
            HttpURLConnection connection = (HttpURLConnection) url.openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(5000);
            try (InputStream in = connection.getInputStream()) {
                Matcher m = SHELF.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                if (!m.find()) {
                    throw new IOException("no shelf for " + sku);
                }
                return m.group(1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
