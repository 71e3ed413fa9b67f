package shifts;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import fi.iki.elonen.NanoHTTPD;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rota of a hospital's wards, with swaps between colleagues. */
public class SwapServer extends NanoHTTPD {

    record Swap(String early, String late, String reason) {
    }

    private final Gson gson = new Gson();
    private final Rota rota;

    SwapServer(int port, Rota rota) {
        super("127.0.0.1", port);
        this.rota = rota;
    }

    @Override
    public Response serve(IHTTPSession session) {
        String path = session.getUri();
        try {
            if (path.equals("/status")) {
                return json(Response.Status.OK, Map.of("status", "up"));
            }
            if (path.equals("/swaps") && session.getMethod() == Method.POST) {
                return swap(body(session));
            }
            if (path.startsWith("/shifts/")) {
                Rota.Shift shift = rota.shift(path.substring("/shifts/".length()));
                return shift == null ? json(Response.Status.NOT_FOUND, Map.of("error", "no such shift"))
                        : json(Response.Status.OK, view(shift));
            }
            if (path.equals("/nurses")) {
                return json(Response.Status.OK, busiest(session.getParms().getOrDefault("top", "10")));
            }
            return json(Response.Status.NOT_FOUND, Map.of("error", "not found"));
        } catch (JsonSyntaxException | NumberFormatException e) {
            return json(Response.Status.BAD_REQUEST, Map.of("error", "cannot read that"));
        } catch (IOException | ResponseException e) {
            return json(Response.Status.INTERNAL_ERROR, Map.of("error", String.valueOf(e.getMessage())));
        }
    }

    private Response swap(String body) {
        Swap wanted = gson.fromJson(body, Swap.class);
        Rota.Shift early = rota.shift(wanted.early());
        Rota.Shift late = rota.shift(wanted.late());
        if (early == null || late == null) {
            return json(Response.Status.NOT_FOUND, Map.of("error", "no such shift"));
        }
        String refusal = rota.swap(early, late);
        if (refusal != null) {
            return json(Response.Status.CONFLICT, Map.of("error", refusal));
        }
        return json(Response.Status.OK, Map.of("early", view(early), "late", view(late)));
    }

    private static String body(IHTTPSession session) throws IOException, ResponseException {
        Map<String, String> files = new HashMap<>();
        session.parseBody(files);
        return files.getOrDefault("postData", "");
    }

    private static Map<String, Object> view(Rota.Shift shift) {
        return Map.of("shift", shift.id, "ward", shift.ward, "hours", shift.hours, "nurse", shift.holder().name);
    }

    private List<Map<String, Object>> busiest(String top) {
        return rota.busiest(Integer.parseInt(top)).stream()
                .map(nurse -> Map.<String, Object>of("nurse", nurse.name, "hours", nurse.hours(), "swaps", nurse.swaps()))
                .toList();
    }

    private Response json(Response.Status status, Object body) {
        return newFixedLengthResponse(status, "application/json", gson.toJson(body));
    }

    public static void main(String[] args) throws IOException {
        SwapServer server = new SwapServer(Integer.parseInt(System.getenv("PORT")), new Rota(60, 14));
        server.start(30_000, false);
    }
}
