import static spark.Spark.get;
import static spark.Spark.ipAddress;
import static spark.Spark.port;
import static spark.Spark.post;

import java.util.regex.Pattern;

public class App {

    static class NoteCheck {
        private static final Pattern WEIGHED = Pattern.compile("^.*\\d+.*\\d+.*\\d+.*\\d+ kg$");

        boolean plain(String note) {
            return !WEIGHED.matcher(note).matches();
        }
    }

    public static void main(String[] args) {
        NoteCheck check = new NoteCheck();
        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        get("/healthz", (request, response) -> "ok");
        post("/notes", (request, response) -> {
            response.type("application/json");
            return "{\"plain\":" + check.plain(request.body().trim()) + "}";
        });
    }
}
