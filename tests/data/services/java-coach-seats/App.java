import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;

/** Offers of seats in a coach, and what was offered before. */
public class App {

    record Seat(int row, char letter, double price) {
    }

    static class Offer {
        final String number = UUID.randomUUID().toString();
        final List<Seat> seats = new ArrayList<>();
        final byte[] plan = new byte[12_000];
    }

    static class Counter {
        private static final Deque<Offer> HISTORY = new ArrayDeque<>();

        String offer(int day) {
            Offer offer = new Offer();
            for (int row = 1; row <= 12; row++) {
                for (char letter = 'A'; letter <= 'D'; letter++) {
                    offer.seats.add(new Seat(row, letter, 19 + (row * 7 + letter + day) % 11));
                }
            }
            offer.plan[day % offer.plan.length] = 1;
            synchronized (HISTORY) {
                HISTORY.addFirst(offer);
            }
            return offer.number + " " + offer.seats;
        }
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, "ok"));
        Counter counter = new Counter();
        server.createContext("/offers", exchange -> send(exchange, counter.offer(112)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
