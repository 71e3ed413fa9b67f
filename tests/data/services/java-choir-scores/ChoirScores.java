import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A choir's music library: rehearsal sheets with the range and the hard places of every piece of a programme. */
public class ChoirScores {

    record Note(int bar, int pitch, int eighths) {
    }

    record Score(String title, Map<String, List<Note>> voices) {
        int bars() {
            return voices.values().stream().mapToInt(notes -> notes.get(notes.size() - 1).bar()).max().orElse(0);
        }
    }

    record Range(String voice, String lowest, String highest, int widestLeap, int leapBar) {
    }

    record Piece(String title, int bars, List<Range> ranges) {
    }

    /** Packed scores as they came from the publisher; parsed ones are kept for the next reader. */
    static class ScoreLibrary {
        private static final List<String> VOICES = List.of("soprano", "alto", "tenor", "bass");
        private final Map<String, byte[]> packed = new LinkedHashMap<>();
        private final LoadingCache<String, Score> parsed = CacheBuilder.newBuilder()
                .maximumSize(40)
                .concurrencyLevel(1)
                .build(CacheLoader.from(this::unpack));

        void add(String title, String notation) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
                zip.write(notation.getBytes(StandardCharsets.UTF_8));
            }
            packed.put(title, bytes.toByteArray());
        }

        Score score(String title) {
            return parsed.getUnchecked(title);
        }

        boolean has(String title) {
            return packed.containsKey(title);
        }

        private Score unpack(String title) {
            try (GZIPInputStream zip = new GZIPInputStream(new ByteArrayInputStream(packed.get(title)))) {
                Map<String, List<Note>> voices = new LinkedHashMap<>();
                for (String line : new String(zip.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                    int colon = line.indexOf(':');
                    List<Note> notes = new ArrayList<>();
                    for (String token : line.substring(colon + 1).split(" ")) {
                        String[] parts = token.split("/");
                        notes.add(new Note(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
                    }
                    voices.put(line.substring(0, colon), notes);
                }
                return new Score(title, voices);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static ScoreLibrary generated(int pieces) throws IOException {
            ScoreLibrary library = new ScoreLibrary();
            Random random = new Random(1685);
            for (int piece = 1; piece <= pieces; piece++) {
                StringBuilder notation = new StringBuilder();
                for (int v = 0; v < VOICES.size(); v++) {
                    notation.append(VOICES.get(v)).append(':');
                    int pitch = 67 - v * 7;
                    for (int i = 0; i < 1700; i++) {
                        pitch = Math.max(40, Math.min(81, pitch + random.nextInt(7) - 3));
                        notation.append(1 + i / 5).append('/').append(pitch).append('/').append(1 + random.nextInt(4)).append(' ');
                    }
                    notation.setLength(notation.length() - 1);
                    notation.append('\n');
                }
                library.add("Piece " + piece, notation.toString());
            }
            return library;
        }
    }

    static class Rehearsal {
        private static final String[] NAMES = {"c", "c#", "d", "eb", "e", "f", "f#", "g", "ab", "a", "bb", "b"};

        static Piece piece(Score score) {
            List<Range> ranges = new ArrayList<>();
            score.voices().forEach((voice, notes) -> ranges.add(range(voice, notes)));
            return new Piece(score.title(), score.bars(), ranges);
        }

        private static Range range(String voice, List<Note> notes) {
            int low = 127;
            int high = 0;
            int leap = 0;
            int bar = 0;
            Note before = notes.get(0);
            for (Note note : notes) {
                low = Math.min(low, note.pitch());
                high = Math.max(high, note.pitch());
                if (Math.abs(note.pitch() - before.pitch()) > leap) {
                    leap = Math.abs(note.pitch() - before.pitch());
                    bar = note.bar();
                }
                before = note;
            }
            return new Range(voice, name(low), name(high), leap, bar);
        }

        static String name(int pitch) {
            return NAMES[pitch % 12] + (pitch / 12 - 1);
        }
    }

    private final ScoreLibrary library;
    private final Map<String, List<String>> programmes = new LinkedHashMap<>();

    ChoirScores(ScoreLibrary library) {
        this.library = library;
        programmes.put("spring", titles(1, 14));
        programmes.put("summer", titles(9, 20));
        programmes.put("advent", titles(21, 72));
    }

    private static List<String> titles(int first, int last) {
        String[] titles = new String[last - first + 1];
        Arrays.setAll(titles, i -> "Piece " + (first + i));
        return List.of(titles);
    }

    void sheet(Context ctx) {
        List<String> titles = programmes.get(ctx.pathParam("programme"));
        if (titles == null) {
            throw new NotFoundResponse("no such programme");
        }
        List<Piece> pieces = titles.stream().map(library::score).map(Rehearsal::piece).toList();
        ctx.json(Map.of("programme", ctx.pathParam("programme"), "bars", pieces.stream().mapToInt(Piece::bars).sum(),
                "pieces", pieces));
    }

    void piece(Context ctx) {
        if (!library.has(ctx.pathParam("title"))) {
            throw new NotFoundResponse("no such piece");
        }
        ctx.json(Rehearsal.piece(library.score(ctx.pathParam("title"))));
    }

    public static void main(String[] args) throws IOException {
        ChoirScores app = new ChoirScores(ScoreLibrary.generated(90));
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/programmes", ctx -> ctx.json(app.programmes))
                .get("/programmes/{programme}/rehearsal-sheet", app::sheet)
                .get("/pieces/{title}", app::piece)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
