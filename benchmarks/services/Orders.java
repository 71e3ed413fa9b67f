// An HTTP service that makes a report a request, in a pool of threads. (The JDK's own server
// answers late on some versions, so this one speaks HTTP/1.1 itself.)
// Arguments: the number of workers. Prints its port; /served tells how many reports it made.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

public class Orders {
    static final AtomicLong SERVED = new AtomicLong();
    static final String[] CUSTOMERS = new String[1000];

    static String report(long seed) {
        Map<String, Double> totals = new HashMap<>();
        for (int i = 0; i < CUSTOMERS.length; i++) {
            String key = CUSTOMERS[i].toUpperCase(Locale.ROOT).replace(' ', '-');
            totals.merge(key, i * 31 % 1000 / 10.0 + (i % 5 + i % 3) * 1.19 + seed % 3, Double::sum);
        }
        List<Map.Entry<String, Double>> rows = new ArrayList<>(totals.entrySet());
        rows.sort(Map.Entry.<String, Double>comparingByValue().reversed());
        StringBuilder text = new StringBuilder("[");
        for (Map.Entry<String, Double> row : rows.subList(0, 50)) {
            text.append(text.length() > 1 ? "," : "").append("{\"name\":\"").append(row.getKey());
            text.append("\",\"sum\":").append(row.getValue()).append('}');
        }
        return text.append(']').toString();
    }

    static void serve(Socket socket, ExecutorService pool) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStreamReader bytes = new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII);
            BufferedReader in = new BufferedReader(bytes);
            OutputStream out = socket.getOutputStream();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                boolean count = line.contains(" /served ");
                while (!in.readLine().isEmpty()) {
                    continue;
                }
                String body = count ? SERVED.toString() : pool.submit(() -> report(SERVED.incrementAndGet())).get();
                String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n";
                out.write((head + body).getBytes(StandardCharsets.US_ASCII));
            }
        } catch (Exception gone) {
            return;
        }
    }

    public static void main(String[] words) throws Exception {
        for (int i = 0; i < CUSTOMERS.length; i++) {
            CUSTOMERS[i] = "customer " + i * 7919 % 97;
        }
        ExecutorService pool = Executors.newFixedThreadPool(Integer.parseInt(words[0]));
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        System.out.println(server.getLocalPort());
        while (true) {
            Socket socket = server.accept();
            new Thread(() -> serve(socket, pool)).start();
        }
    }
}
