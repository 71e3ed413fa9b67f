import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which parishes a walk leads through, for the notices that the walkers' club must send. */
public class Parishes {
    private static final Pattern POINT = Pattern.compile("\\[\\s*(-?[\\d.]+)\\s*,\\s*(-?[\\d.]+)\\s*]");
    private static final double STEP = 0.25;
    private final Boundaries boundaries;

    Parishes(Boundaries boundaries) {
        this.boundaries = boundaries;
    }

    record Point(double x, double y) {
    }

    void route(HttpExchange ex) throws IOException {
        String body = new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        List<Point> corners = new ArrayList<>();
        Matcher m = POINT.matcher(body);
        while (m.find()) {
            corners.add(new Point(Double.parseDouble(m.group(1)), Double.parseDouble(m.group(2))));
        }
        if (corners.size() < 2 || corners.size() > 50) {
            send(ex, 422, "{\"error\":\"a route has 2 to 50 points\"}");
            return;
        }
        Map<Integer, Double> lengths = new LinkedHashMap<>();
        for (Point p : walked(corners)) {
            for (int parish : near(p)) {
                if (boundaries.of(parish).contains(p.x, p.y)) {
                    lengths.merge(parish, STEP, Double::sum);
                }
            }
        }
        send(ex, 200, lengths.entrySet().stream()
                .map(e -> "{\"parish\":\"" + name(e.getKey()) + "\",\"km\":" + e.getValue() + "}")
                .collect(Collectors.joining(",", "{\"parishes\":[", "]}")));
    }

    static List<Point> walked(List<Point> corners) {
        List<Point> points = new ArrayList<>();
        for (int i = 1; i < corners.size(); i++) {
            Point a = corners.get(i - 1);
            Point b = corners.get(i);
            double length = Math.hypot(b.x - a.x, b.y - a.y);
            for (double at = 0; at < length; at += STEP) {
                points.add(new Point(a.x + (b.x - a.x) * at / length, a.y + (b.y - a.y) * at / length));
            }
        }
        return points;
    }

    /** The parishes that may hold the point: its own square of the grid and the one across the nearer side. */
    static List<Integer> near(Point p) {
        int column = Math.max(0, Math.min(Boundaries.SIDE - 1, (int) p.x));
        int row = Math.max(0, Math.min(Boundaries.SIDE - 1, (int) p.y));
        List<Integer> found = new ArrayList<>();
        found.add(row * Boundaries.SIDE + column);
        int across = p.y - row < 0.5 ? row - 1 : row + 1;
        if (across >= 0 && across < Boundaries.SIDE) {
            found.add(across * Boundaries.SIDE + column);
        }
        return found;
    }

    static String name(int parish) {
        return (char) ('A' + parish / Boundaries.SIDE) + "-" + (1 + parish % Boundaries.SIDE);
    }

    void parish(HttpExchange ex) throws IOException {
        String digits = ex.getRequestURI().getPath().replaceAll("\\D", "");
        int parish = digits.isEmpty() || digits.length() > 4 ? -1 : Integer.parseInt(digits);
        if (parish < 0 || parish >= Boundaries.SIDE * Boundaries.SIDE) {
            send(ex, 404, "{\"error\":\"no such parish\"}");
            return;
        }
        Boundaries.Boundary boundary = boundaries.of(parish);
        send(ex, 200, "{\"parish\":\"" + name(parish) + "\",\"corners\":" + boundary.x().length + "}");
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
        Parishes parishes = new Parishes(new Boundaries());
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/routes/parishes", parishes::route);
        server.createContext("/parishes/", parishes::parish);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
