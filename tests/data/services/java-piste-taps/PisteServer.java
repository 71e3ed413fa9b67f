package piste;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** Takes the taps of ski passes at the lift gates and tells how busy a lift is. */
public class PisteServer extends Handler.Abstract {

    record Batch(String device, List<Tap> taps) {
    }

    record Tap(String gate, long pass, long at, int lane, String kind) {
        boolean valid() {
            return gate != null && pass > 0 && at > 0 && lane >= 0 && lane < 12 && kind != null;
        }
    }

    private final Gson gson = new Gson();
    private final TapJournal journal;

    PisteServer(TapJournal journal) {
        this.journal = journal;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String[] path = Request.getPathInContext(request).substring(1).split("/");
        try {
            if (path[0].equals("healthz")) {
                return answer(response, callback, 200, "ok");
            }
            if (path[0].equals("stations") && path.length == 3 && path[2].equals("taps")) {
                if (!request.getMethod().equals("POST")) {
                    return answer(response, callback, 405, Map.of("error", "use POST"));
                }
                Batch batch = gson.fromJson(Content.Source.asString(request, StandardCharsets.UTF_8), Batch.class);
                return answer(response, callback, 201, accept(path[1], batch));
            }
            if (path[0].equals("gates") && path.length == 3 && path[2].equals("load")) {
                return answer(response, callback, 200, load(path[1]));
            }
            return answer(response, callback, 404, Map.of("error", "not found"));
        } catch (NoSuchElementException e) {
            return answer(response, callback, 404, Map.of("error", e.getMessage()));
        } catch (JsonSyntaxException | IllegalArgumentException e) {
            return answer(response, callback, 400, Map.of("error", String.valueOf(e.getMessage())));
        }
    }

    private Map<String, Object> accept(String station, Batch batch) {
        if (batch == null || batch.taps() == null || batch.taps().isEmpty()) {
            throw new IllegalArgumentException("no taps");
        }
        int stored = 0;
        int refused = 0;
        long last = -1;
        for (Tap tap : batch.taps()) {
            if (!tap.valid()) {
                refused++;
                continue;
            }
            last = journal.of(tap.gate()).append(tap.pass(), tap.at(), tap.lane(), TapJournal.kind(tap.kind()));
            stored++;
        }
        return Map.of("station", station, "stored", stored, "refused", refused, "last", last);
    }

    private Map<String, Object> load(String gate) {
        TapJournal.Segment segment = journal.of(gate);
        int[] lanes = segment.lanes(500);
        int total = 0;
        for (int n : lanes) {
            total += n;
        }
        return Map.of("gate", gate, "recent", total, "lanes", lanes);
    }

    private boolean answer(Response response, Callback callback, int status, Object body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, gson.toJson(body), callback);
        return true;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of("journal");
        Files.createDirectories(folder);
        TapJournal journal = new TapJournal(folder);
        for (int i = 1; i <= 14; i++) {
            journal.open("G" + i);
        }
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        server.setHandler(new PisteServer(journal));
        server.start();
        server.join();
    }
}
