// A small shop with one hot method (price), recursion, a contended monitor, a parked consumer,
// sleeps, a slow socket, a file that is forced to disk, and allocations.
import java.io.FileOutputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

public class Shop {
    static final Object STOCK = new Object();
    static final LinkedBlockingQueue<byte[]> RECEIPTS = new LinkedBlockingQueue<>();
    static volatile long sink;

    static long price(int items) {
        long sum = 1;
        for (int i = 0; i < items; i++) {
            sum = (sum * 31 + i) % 1_000_003;
        }
        return sum;
    }

    static long discount(int depth, int items) {
        return depth == 0 ? price(items) : discount(depth - 1, items) + 1;
    }

    static void reserve() throws Exception {
        synchronized (STOCK) {
            Thread.sleep(30);
        }
    }

    static void receipts() {
        for (int i = 0; i < 50; i++) {
            RECEIPTS.add(new byte[20_000]);
        }
    }

    static void consume() throws Exception {
        while (RECEIPTS.take().length > 0) {
            if (RECEIPTS.isEmpty()) {
                Thread.sleep(40);
            }
        }
    }

    static void bank(int port) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            InputStream in = socket.getInputStream();
            while (in.read() >= 0) {
            }
        }
    }

    static void serve(ServerSocket server) throws Exception {
        try (Socket socket = server.accept()) {
            for (int i = 0; i < 40; i++) {
                Thread.sleep(60);
                socket.getOutputStream().write(1);
            }
        }
    }

    interface Work {
        void run() throws Exception;
    }

    static void start(List<Thread> threads, String name, Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Exception error) {
                throw new IllegalStateException(error);
            }
        }, name);
        thread.start();
        threads.add(thread);
    }

    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 4;
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        List<Thread> threads = new ArrayList<>();
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        for (int worker = 0; worker < 3; worker++) {
            start(threads, "reserve-" + worker, () -> {
                while (System.nanoTime() < end) {
                    reserve();
                }
            });
        }
        start(threads, "bank", () -> bank(server.getLocalPort()));
        start(threads, "bank-server", () -> serve(server));
        start(threads, "consumer", Shop::consume);
        try (FileOutputStream log = new FileOutputStream("/tmp/shop.log")) {
            while (System.nanoTime() < end) {
                sink += discount(4, 3_000_000);
                receipts();
                log.write(new byte[3_000_000]);
                log.getFD().sync();
            }
        }
        RECEIPTS.add(new byte[0]);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
