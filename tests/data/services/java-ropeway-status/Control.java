import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** All talk with the control room goes over these lines. */
class Control {
    private static final int LINES = 8;

    private final String base;
    private final Map<Integer, String> states = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final ExecutorService lines = Executors.newFixedThreadPool(LINES, task -> {
        Thread thread = new Thread(task, "control-line-" + count.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    });

    Control(String base) {
        this.base = base;
    }

    /** Keeps the state of a ropeway up to date. */
    void follow(int ropeway) {
        states.put(ropeway, "running");
        lines.execute(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    states.put(ropeway, fields(get("/changes/" + ropeway, 30_000)).get("state"));
                } catch (IOException e) {
                    states.put(ropeway, "unknown");
                    pause(2_000);
                }
            }
        });
    }

    String state(int ropeway) {
        return states.getOrDefault(ropeway, "unknown");
    }

    Map<String, String> panel(int ropeway) throws IOException {
        Future<Map<String, String>> values = lines.submit(() -> fields(get("/values/" + ropeway, 5_000)));
        try {
            return values.get(8, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            values.cancel(true);
            throw new IOException("no values of ropeway " + ropeway, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private String get(String path, int patience) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(base + path).openConnection();
        connection.setConnectTimeout(2_000);
        connection.setReadTimeout(patience);
        try (var in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Map<String, String> fields(String text) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : text.split(";")) {
            int at = pair.indexOf('=');
            fields.put(pair.substring(0, at), pair.substring(at + 1));
        }
        return fields;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
