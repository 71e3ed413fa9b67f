import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A malting plant's silos: barley is moved between them as the plan says. */
public class SiloMoves {

    /** Barley of one delivery, as it lies in the silo. */
    static class Layer {
        final String delivery;
        final double moisture;
        double tons;

        Layer(String delivery, double moisture, double tons) {
            this.delivery = delivery;
            this.moisture = moisture;
            this.tons = tons;
        }
    }

    static class Silo {
        final String name;
        final double capacity;
        private final Deque<Layer> layers = new ArrayDeque<>();
        private double moisture;
        private double tons;

        Silo(String name, double capacity) {
            this.name = name;
            this.capacity = capacity;
        }

        synchronized void fill(String delivery, double moisture, double amount) {
            layers.addLast(new Layer(delivery, moisture, amount));
            weigh();
        }

        /** Draws from the bottom of this silo and lays it on top of the other. */
        synchronized double pourInto(Silo other, double wanted) {
            List<Layer> drawn = new ArrayList<>();
            double left = Math.min(wanted, tons);
            while (left > 1e-6 && !layers.isEmpty()) {
                Layer bottom = layers.peekFirst();
                double part = Math.min(bottom.tons, left);
                drawn.add(new Layer(bottom.delivery, bottom.moisture, part));
                bottom.tons -= part;
                left -= part;
                if (bottom.tons < 1e-6) {
                    layers.removeFirst();
                }
            }
            weigh();
            return other.receive(drawn);
        }

        synchronized double receive(List<Layer> poured) {
            double amount = 0;
            for (Layer layer : poured) {
                Layer top = layers.peekLast();
                if (top != null && top.delivery.equals(layer.delivery)) {
                    top.tons += layer.tons;
                } else {
                    layers.addLast(layer);
                }
                amount += layer.tons;
            }
            weigh();
            return amount;
        }

        /** Tons and mean moisture; what lies deeper is pressed and dries more slowly. */
        private void weigh() {
            double sum = 0;
            double water = 0;
            int depth = layers.size();
            for (Layer layer : layers) {
                sum += layer.tons;
                water += layer.tons * layer.moisture * (1 - Math.exp(-depth-- / 40.0) * 0.01);
            }
            tons = sum;
            moisture = sum > 0 ? water / sum : 0;
        }

        synchronized String json() {
            return String.format(Locale.ROOT, "{\"silo\":\"%s\",\"tons\":%.2f,\"free\":%.2f,\"moisture\":%.3f,\"layers\":%d}",
                    name, tons, capacity - tons, moisture, layers.size());
        }
    }

    record Move(long number, String from, String to, double tons) {
        String json(double moved) {
            return String.format(Locale.ROOT, "{\"move\":%d,\"from\":\"%s\",\"to\":\"%s\",\"planned\":%.2f,\"moved\":%.2f}",
                    number, from, to, tons, moved);
        }
    }

    /** The shift's plan: barley wanders between drying, resting and steeping silos and back. */
    static class Plan {
        private static final String[][] WAYS = {{"dry-1", "rest-1"}, {"rest-1", "steep-1"}, {"rest-1", "dry-1"},
            {"rest-2", "dry-1"}, {"dry-1", "rest-2"}, {"steep-1", "rest-2"}, {"rest-2", "rest-1"}, {"rest-1", "rest-2"}};
        private final AtomicLong last = new AtomicLong();

        Move next() {
            long number = last.incrementAndGet();
            String[] way = WAYS[(int) (number % WAYS.length)];
            return new Move(number, way[0], way[1], 2 + number * 7 % 11);
        }
    }

    static class Plant {
        private final Map<String, Silo> silos = new TreeMap<>();

        Plant() {
            for (String name : List.of("dry-1", "rest-1", "rest-2", "steep-1")) {
                Silo silo = new Silo(name, 4000);
                for (int i = 0; i < 1200; i++) {
                    silo.fill("D" + (i * 13 + name.length()), 12 + i * 17 % 40 / 10.0, 1 + i % 4 * 0.5);
                }
                silos.put(name, silo);
            }
        }

        Silo silo(String name) {
            return silos.get(name);
        }

        double transfer(Move move) {
            return silos.get(move.from()).pourInto(silos.get(move.to()), move.tons());
        }

        String json() {
            return "[" + String.join(",", silos.values().stream().map(Silo::json).toList()) + "]";
        }
    }

    private final Plant plant = new Plant();
    private final Plan plan = new Plan();

    void moves(HttpExchange ex) throws IOException {
        if (!ex.getRequestMethod().equals("POST")) {
            send(ex, 405, "{\"error\":\"use POST\"}");
            return;
        }
        Move move = plan.next();
        send(ex, 201, move.json(plant.transfer(move)));
    }

    void silos(HttpExchange ex) throws IOException {
        String path = ex.getRequestURI().getPath();
        if (path.equals("/silos")) {
            send(ex, 200, plant.json());
            return;
        }
        Silo silo = plant.silo(path.substring("/silos/".length()));
        send(ex, silo == null ? 404 : 200, silo == null ? "{\"error\":\"no such silo\"}" : silo.json());
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
        SiloMoves app = new SiloMoves();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/moves/next", app::moves);
        server.createContext("/silos", app::silos);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
