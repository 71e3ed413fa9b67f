import io.javalin.Javalin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

public class App {
    private static final List<String> STONES = List.of("wheat", "rye", "oats");

    static class MillReport {
        private final String base;

        MillReport(String base) {
            this.base = base;
        }

        String daily() {
            List<CompletableFuture<String>> parts = STONES.stream()
                    .map(stone -> CompletableFuture.supplyAsync(() -> ground(stone)))
                    .collect(Collectors.toList());
            return parts.stream().map(CompletableFuture::join).collect(Collectors.joining(",", "[", "]"));
        }

        private String ground(String stone) {
            try (BufferedReader in = new BufferedReader(
                    new InputStreamReader(new URL(base + "/stones/" + stone).openStream()))) {
                return in.lines().collect(Collectors.joining());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public static void main(String[] args) {
        MillReport report = new MillReport("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Javalin.create()
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/reports/daily", ctx -> ctx.contentType("application/json").result(report.daily()))
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
