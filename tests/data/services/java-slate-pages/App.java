import io.javalin.Javalin;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.MessageFormat;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

public class App {

    record Article(int id, String title, String author, LocalDate day, double score, String text) {
    }

    static class Library {
        private final List<Article> articles = new ArrayList<>();

        Library() {
            for (int i = 0; i < 900; i++) {
                articles.add(new Article(i, "Slate & roof no. " + i, "writer-" + i % 37, LocalDate.of(2024, 1, 1).plusDays(i),
                        (i * 7919 % 1000) / 10.0, "Lines <about> \"slates\" and tiles, part " + i + ". ".repeat(12)));
            }
        }

        List<Article> best() {
            List<Article> sorted = new ArrayList<>(articles);
            sorted.sort(Comparator.comparingDouble(Article::score).reversed().thenComparing(Article::title));
            return sorted;
        }

        Map<String, Integer> byAuthor() {
            Map<String, Integer> counts = new TreeMap<>();
            for (Article a : articles) {
                counts.merge(a.author().toUpperCase(Locale.ROOT), 1, Integer::sum);
            }
            return counts;
        }
    }

    static class Page {
        private final DateTimeFormatter days = DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy", Locale.ENGLISH);

        String escape(String text) {
            return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
        }

        String row(Article a) {
            return MessageFormat.format("<li id={0}>{1} by {2}, {3}</li>", a.id(), escape(a.title()), a.author(), days.format(a.day()));
        }

        String price(Article a) {
            return String.format(Locale.ENGLISH, "%,.2f|%s|%08d", a.score(), a.author(), a.id());
        }

        String token(Article a) throws Exception {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(a.text().getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        }

        long sum(String text) {
            CRC32 crc = new CRC32();
            crc.update(text.getBytes(StandardCharsets.UTF_8));
            return crc.getValue();
        }

        String key(Article a) {
            return HexFormat.of().formatHex(UUID.nameUUIDFromBytes(a.text().getBytes()).toString().getBytes());
        }

        List<String> words(Article a) {
            return List.of(escape(a.text()).split("\\s+"));
        }

        int packed(byte[] bytes) {
            Deflater deflater = new Deflater(1);
            deflater.setInput(bytes, 0, Math.min(bytes.length, 60_000));
            deflater.finish();
            byte[] out = new byte[8192];
            int size = 0;
            while (!deflater.finished()) {
                size += deflater.deflate(out);
            }
            deflater.end();
            return size;
        }
    }

    static String home(Library library, Page page) throws Exception {
        StringBuilder html = new StringBuilder();
        long sums = 0;
        int words = 0;
        for (Article a : library.best()) {
            html.append(page.row(a)).append(page.price(a)).append(page.token(a)).append(page.key(a));
            sums += page.sum(a.text());
            words += page.words(a).size();
        }
        int packed = page.packed(html.toString().getBytes(StandardCharsets.UTF_8));
        return library.byAuthor() + " " + sums + " " + words + " " + packed;
    }

    public static void main(String[] args) {
        Library library = new Library();
        Page page = new Page();
        Javalin app = Javalin.create();
        app.get("/healthz", ctx -> ctx.result("ok"));
        app.get("/pages/home", ctx -> {
            StringBuilder all = new StringBuilder();
            for (int part = 0; part < 1; part++) {
                all.append(home(library, page)).append('\n');
            }
            ctx.result(all.toString());
        });
        app.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
