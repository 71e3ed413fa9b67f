import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Archived pages, kept compressed; unpacked ones stay in memory for as long as there is room. */
class PageStore {
    private static final int CACHE_KB = 65_536;

    private final List<byte[]> archive = new ArrayList<>();
    private final Cache<Integer, String> unpackedPages = Caffeine.newBuilder()
            .maximumWeight(CACHE_KB)
            .weigher((Integer number, String page) -> page.length())
            .build();

    PageStore(int pages) {
        for (int number = 0; number < pages; number++) {
            archive.add(pack(write(number)));
        }
    }

    String page(int number) {
        return unpackedPages.get(number, n -> unpack(archive.get(n)));
    }

    int size() {
        return archive.size();
    }

    private static String write(int number) {
        String[] words = {"council", "harbour", "notice", "widow", "auction", "tithe", "vessel", "parish", "ordinance"};
        StringBuilder text = new StringBuilder("Gazette, page " + number + "\n");
        for (long i = 0, seed = number * 7919L + 17; i < 6500; i++) {
            seed = seed * 6364136223846793005L + 1442695040888963407L;
            text.append(words[(int) (seed >>> 60) % words.length]).append(' ').append(seed >>> 54).append('\n');
        }
        return text.toString();
    }

    private static byte[] pack(String page) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(page.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static String unpack(byte[] packed) {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return new String(gzip.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
