import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/** Threads that wait for one thing each, for ever; each is named after what it waits for. */
public class Waits {
    static final Object MONITOR = new Object();
    static final Object BELL = new Object();
    static final ReentrantLock LOCK = new ReentrantLock();
    static volatile double sum;

    static class Desk {
        void enter() {
            synchronized (MONITOR) {
                sum++;
            }
        }
    }

    static void start(String name, Callable<?> work) {
        Thread thread = new Thread(() -> {
            try {
                work.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }, name);
        thread.setDaemon(true);
        thread.start();
    }

    static Object read(Socket socket) throws Exception {
        try (InputStream in = socket.getInputStream()) {
            return in.read();
        }
    }

    static double count() {
        while (true) {
            sum += Math.sqrt(sum + 1);
        }
    }

    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ServerSocket own = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Socket asked = new Socket(own.getInetAddress(), own.getLocalPort());
        Socket accepted = own.accept();
        ExecutorService jobs = Executors.newFixedThreadPool(1, r -> {
            Thread thread = new Thread(r, "jobs-1");
            thread.setDaemon(true);
            return thread;
        });
        ArrayBlockingQueue<String> full = new ArrayBlockingQueue<>(1);
        full.put("one");
        Process child = new ProcessBuilder("sleep", "600").start();
        Runtime.getRuntime().addShutdownHook(new Thread(child::destroy));
        LOCK.lock();
        synchronized (MONITOR) {
            start("monitor", () -> {
                new Desk().enter();
                return null;
            });
            start("lock", () -> {
                LOCK.lock();
                return null;
            });
            start("semaphore", () -> {
                new Semaphore(0).acquire();
                return null;
            });
            start("queue", () -> new ArrayBlockingQueue<String>(1).take());
            start("full queue", () -> {
                full.put("two");
                return null;
            });
            start("job", () -> jobs.submit(() -> {
                Thread.sleep(600_000);
                return 1;
            }).get());
            start("future", () -> new CompletableFuture<String>().join());
            start("latch", () -> {
                new CountDownLatch(1).await();
                return null;
            });
            start("bell", () -> {
                synchronized (BELL) {
                    BELL.wait();
                    return null;
                }
            });
            start("sleep", () -> {
                Thread.sleep(600_000);
                return null;
            });
            start("peer", () -> read(new Socket(server.getInetAddress(), server.getLocalPort())));
            start("client", () -> read(accepted));
            start("accept", () -> {
                server.accept();
                return server.accept();
            });
            start("child", child::waitFor);
            start("count", Waits::count);
            Thread.sleep(300);
            System.out.println("ready " + server.getLocalPort() + " " + own.getLocalPort());
            System.in.read();
            asked.close();
        }
        child.destroy();
    }
}
