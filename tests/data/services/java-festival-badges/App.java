import static spark.Spark.before;
import static spark.Spark.get;
import static spark.Spark.halt;
import static spark.Spark.ipAddress;
import static spark.Spark.port;
import static spark.Spark.threadPool;

import java.util.Map;
import java.util.zip.CRC32;
import spark.Request;
import spark.Response;

/** Badges for the crew and the guests of a festival. */
public class App {
    private static final Map<String, String> COLOURS = Map.of(
            "crew", "RRWWB", "artist", "GGYK", "press", "BWBK", "guest", "WWR");

    private final BadgeArtwork artwork = new BadgeArtwork();

    Object badge(Request request, Response response) {
        String role = request.params("role");
        String colours = COLOURS.get(role);
        if (colours == null) {
            halt(404, "no such role");
        }
        String name = request.queryParamOrDefault("name", "").strip();
        if (name.isEmpty() || name.length() > 60) {
            halt(400, "name");
        }
        byte[] pattern = artwork.pattern(role, colours);
        CRC32 crc = new CRC32();
        crc.update(pattern);
        crc.update(name.getBytes());
        response.type("image/svg+xml");
        return svg(name, role, pattern, crc.getValue());
    }

    private static String svg(String name, String role, byte[] pattern, long code) {
        StringBuilder out = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"132\" height=\"170\">");
        for (int i = 0; i < pattern.length; i += 924) {
            out.append("<rect class=\"").append((char) pattern[i]).append("\" y=\"").append(i / 132).append("\"/>");
        }
        out.append("<text y=\"146\">").append(name.replace("<", "&lt;")).append("</text>");
        out.append("<text y=\"160\">").append(role).append(' ').append(Long.toHexString(code)).append("</text>");
        return out.append("</svg>").toString();
    }

    public static void main(String[] args) {
        App app = new App();
        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        threadPool(24, 8, 30_000);
        before((request, response) -> response.header("Cache-Control", "no-store"));
        get("/healthz", (request, response) -> "ok");
        get("/badges/:role", app::badge);
        get("/styles", (request, response) -> app.artwork.styles());
    }
}
