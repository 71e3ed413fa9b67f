import io.javalin.Javalin;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Height profiles of hiking trails. */
public class App {
    private static final Map<String, int[]> TRAILS = Map.of(
            "ridge-way", new int[] {40, 60, 420, 300, 760, 180, 1100, 560, 1480, 900},
            "lake-loop", new int[] {200, 900, 500, 1010, 640, 700, 410, 620, 200, 900},
            "old-mule-path", new int[] {1500, 40, 1210, 280, 900, 330, 620, 610, 350, 800, 90, 1000});

    private final TerrainTiles terrain;

    App(TerrainTiles terrain) {
        this.terrain = terrain;
    }

    void profile(Context ctx) {
        int[] points = TRAILS.get(ctx.pathParam("trail"));
        if (points == null) {
            throw new NotFoundResponse();
        }
        int steps = ctx.queryParamAsClass("steps", Integer.class).getOrDefault(40);
        if (steps < 2 || steps > 100) {
            throw new BadRequestResponse("steps");
        }
        double up = 0;
        double down = 0;
        double previous = Double.NaN;
        StringBuilder heights = new StringBuilder();
        for (int leg = 0; leg + 3 < points.length; leg += 2) {
            for (int step = 0; step < steps; step++) {
                double share = (double) step / steps;
                int x = (int) Math.round(points[leg] + share * (points[leg + 2] - points[leg]));
                int y = (int) Math.round(points[leg + 1] + share * (points[leg + 3] - points[leg + 1]));
                double height = terrain.height(x, y);
                if (height > previous) {
                    up += height - previous;
                } else if (height < previous) {
                    down += previous - height;
                }
                previous = height;
                heights.append(heights.length() == 0 ? "" : ",").append(Math.round(height));
            }
        }
        ctx.contentType("application/json").result(String.format(Locale.ROOT,
                "{\"trail\":\"%s\",\"up\":%.1f,\"down\":%.1f,\"heights\":[%s]}", ctx.pathParam("trail"), up, down, heights));
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of("terrain");
        TerrainTiles.pack(folder, 6, 4);
        App app = new App(new TerrainTiles(folder));
        Javalin server = Javalin.create(config -> config.showJavalinBanner = false);
        server.get("/healthz", ctx -> ctx.result("ok"));
        server.get("/trails/{trail}/profile", app::profile);
        server.start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
