import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

/** Berths of a harbour, over plain sockets: a thread for each connection. */
public class App {
    static class Berths {
        private final Map<Integer, String> taken = new TreeMap<>();
        private final String office;

        Berths(String office) {
            this.office = office;
        }

        synchronized String next(String ship) throws IOException {
            int berth = taken.size() % 50;
            taken.put(berth, ship + fee(berth));
            return taken.get(berth);
        }

        private String fee(int berth) throws IOException {
            URLConnection link = new URL(office + "/fee?berth=" + berth).openConnection();
            try (BufferedReader in = new BufferedReader(new InputStreamReader(link.getInputStream()))) {
                return in.readLine();
            }
        }
    }

    private final Berths berths = new Berths("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));

    void serve(Socket socket) {
        try (socket; BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream()))) {
            socket.setTcpNoDelay(true);
            String line;
            while ((line = in.readLine()) != null) {
                String path = line.split(" ")[1];
                while (!in.readLine().isEmpty()) {
                    continue;
                }
                String body = path.equals("/healthz") ? "ok" : berths.next("ship");
                socket.getOutputStream().write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            System.err.println(e);
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        try (ServerSocket server = new ServerSocket(
                Integer.parseInt(System.getenv("PORT")), 128, InetAddress.getByName("127.0.0.1"))) {
            while (true) {
                Socket socket = server.accept();
                new Thread(() -> app.serve(socket)).start();
            }
        }
    }
}
