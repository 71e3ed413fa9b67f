import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;

/** Lighting plots of a theatre: what the lamps that hang in the rig give on the stage. */
public class Lamps {

    record Hung(String model, double x, double y, double height, double tilt, double level) {}

    record Plot(String name, List<Hung> lamps) {}

    private final Map<String, Plot> plots = new TreeMap<>();
    private final Photometry photometry;

    Lamps(Photometry photometry) {
        this.photometry = photometry;
        plots.put("hamlet", hang("hamlet", 34, 28, 5));
        plots.put("revue", hang("revue", 12, 9, 2));
        plots.put("seagull", hang("seagull", 20, 6, 3));
    }

    private static Plot hang(String name, int count, int models, int seed) {
        List<Hung> lamps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lamps.add(new Hung("LX-" + (100 + (i * seed + seed) % models), i * 37 % 120 / 10.0, i * 53 % 80 / 10.0,
                    6 + i % 4 * 0.5, i * 29 % 40, 0.4 + i % 7 * 0.1));
        }
        return new Plot(name, lamps);
    }

    /** Lux on a grid of the stage floor. */
    double[][] lux(Plot plot, int columns, int rows) {
        double[][] grid = new double[rows][columns];
        for (Hung lamp : plot.lamps()) {
            Photometry.Distribution d = photometry.of(lamp.model());
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    double dx = c * 12.0 / columns - lamp.x();
                    double dy = r * 8.0 / rows - lamp.y();
                    double distance = Math.sqrt(dx * dx + dy * dy + lamp.height() * lamp.height());
                    double off = Math.toDegrees(Math.acos(lamp.height() / distance)) - lamp.tilt();
                    double turn = Math.toDegrees(Math.atan2(dy, dx));
                    grid[r][c] += lamp.level() * d.candela(Math.abs(off), turn < 0 ? turn + 360 : turn) / (distance * distance);
                }
            }
        }
        return grid;
    }

    static String summary(Plot plot, double[][] grid) {
        double sum = 0;
        double top = 0;
        double low = Double.MAX_VALUE;
        StringBuilder cells = new StringBuilder("[");
        for (double[] row : grid) {
            cells.append(cells.length() > 1 ? ",[" : "[");
            for (int c = 0; c < row.length; c++) {
                cells.append(c > 0 ? "," : "").append(Math.round(row[c]));
                sum += row[c];
                top = Math.max(top, row[c]);
                low = Math.min(low, row[c]);
            }
            cells.append(']');
        }
        double mean = sum / grid.length / grid[0].length;
        return String.format("{\"plot\":\"%s\",\"lamps\":%d,\"mean\":%.1f,\"max\":%.1f,\"evenness\":%.3f,\"grid\":%s]}",
                plot.name(), plot.lamps().size(), mean, top, low / mean, cells);
    }

    void plots(HttpExchange ex) throws IOException {
        String[] part = ex.getRequestURI().getPath().split("/");
        Plot plot = part.length > 2 ? plots.get(part[2]) : null;
        if (part.length == 2) {
            send(ex, 200, "[\"" + String.join("\",\"", plots.keySet()) + "\"]");
        } else if (plot == null) {
            send(ex, 404, "{\"error\":\"no such plot\"}");
        } else if (part.length > 3 && part[3].equals("lux")) {
            send(ex, 200, summary(plot, lux(plot, 18, 12)));
        } else {
            send(ex, 200, "{\"plot\":\"" + plot.name() + "\",\"lamps\":" + plot.lamps().size() + "}");
        }
    }

    void models(HttpExchange ex) throws IOException {
        String model = ex.getRequestURI().getPath().substring("/models/".length());
        Photometry.Distribution d = photometry.of(model);
        send(ex, d == null ? 404 : 200, d == null ? "{}" : String.format("{\"model\":\"%s\",\"peak\":%.0f}", model, d.peak()));
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        Lamps lamps = new Lamps(new Photometry(new LampLibrary(28), Integer.getInteger("photometry.kilobytes", 512)));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/plots", lamps::plots);
        server.createContext("/models/", lamps::models);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
