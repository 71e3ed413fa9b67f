import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** The ropeways of a valley: what guests and the ski school see of them. */
public class Ropeways {

    record Ropeway(int number, String name, int capacity, int windLimit) {
    }

    private static final List<Ropeway> ALL = List.of(
            new Ropeway(1, "Alp Sura", 1800, 60), new Ropeway(2, "Crest", 1200, 45),
            new Ropeway(3, "Hanging Glacier", 900, 50), new Ropeway(4, "Larch Wood", 2400, 70),
            new Ropeway(5, "Middle Station", 2200, 65), new Ropeway(6, "Tarn", 700, 55));

    private final Control control;

    Ropeways(Control control) {
        this.control = control;
    }

    void ropeways(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        if (path.length <= 2) {
            send(ex, 200, ALL.stream().map(this::line).collect(Collectors.joining(",", "[", "]")));
            return;
        }
        Ropeway ropeway = ALL.stream().filter(r -> path[2].equals(String.valueOf(r.number))).findFirst().orElse(null);
        if (ropeway == null) {
            send(ex, 404, "{\"error\":\"no such ropeway\"}");
        } else if (path.length > 3 && path[3].equals("panel")) {
            try {
                send(ex, 200, panel(ropeway));
            } catch (IOException e) {
                send(ex, 502, "{\"error\":\"control room\"}");
            }
        } else {
            send(ex, 200, line(ropeway));
        }
    }

    String line(Ropeway r) {
        return "{\"number\":" + r.number + ",\"name\":\"" + r.name + "\",\"state\":\"" + control.state(r.number) + "\"}";
    }

    String panel(Ropeway r) throws IOException {
        Map<String, String> values = control.panel(r.number);
        int wind = Integer.parseInt(values.get("wind"));
        int speed = Integer.parseInt(values.get("speed"));
        int queue = waitingMinutes(r, speed);
        String advice = wind > r.windLimit ? "closed soon" : wind > r.windLimit * 0.8 ? "windy" : "good";
        return "{\"name\":\"" + r.name + "\",\"state\":\"" + control.state(r.number) + "\",\"wind\":" + wind
                + ",\"speed\":" + speed / 10.0 + ",\"cabins\":" + values.get("cabins") + ",\"waiting\":" + queue
                + ",\"advice\":\"" + advice + "\"}";
    }

    static int waitingMinutes(Ropeway r, int speed) {
        double perMinute = r.capacity / 60.0 * speed / 50.0;
        return (int) Math.round(r.capacity * 0.12 / perMinute);
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
        Control control = new Control("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        ALL.forEach(r -> control.follow(r.number));
        Ropeways ropeways = new Ropeways(control);
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/ropeways", ropeways::ropeways);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
