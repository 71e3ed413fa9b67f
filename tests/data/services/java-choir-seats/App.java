import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.BlockingHandler;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

public class App {

    static class Seat {
        final int number;
        final Lock lock = new ReentrantLock();
        String singer;

        Seat(int number) {
            this.number = number;
            this.singer = "singer " + number;
        }
    }

    static class Choir {
        private final Seat[] seats = new Seat[10];
        private final String base;

        Choir(String base) {
            this.base = base;
            for (int i = 0; i < seats.length; i++) {
                seats[i] = new Seat(i);
            }
        }

        String swap(int from, int to) throws Exception {
            Seat a = seats[from];
            Seat b = seats[to];
            a.lock.lock();
            try {
                confirm(a);
                b.lock.lock();
                try {
                    String kept = a.singer;
                    a.singer = b.singer;
                    b.singer = kept;
                    return "{\"from\":\"" + a.singer + "\",\"to\":\"" + b.singer + "\"}";
                } finally {
                    b.lock.unlock();
                }
            } finally {
                a.lock.unlock();
            }
        }

        private void confirm(Seat seat) throws Exception {
            HttpURLConnection c = (HttpURLConnection) new URL(base + "/confirm/" + seat.number).openConnection();
            c.getInputStream().readAllBytes();
        }
    }

    public static void main(String[] args) {
        Choir choir = new Choir("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        Undertow.builder()
                .setWorkerThreads(48)
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setHandler(Handlers.path()
                        .addExactPath("/healthz", ex -> ex.getResponseSender().send("ok"))
                        .addExactPath("/swaps", new BlockingHandler(ex -> {
                            ThreadLocalRandom random = ThreadLocalRandom.current();
                            int from = random.nextInt(10);
                            int to = (from + 1 + random.nextInt(9)) % 10;
                            ex.getResponseSender().send(choir.swap(from, to));
                        })))
                .build()
                .start();
    }
}
