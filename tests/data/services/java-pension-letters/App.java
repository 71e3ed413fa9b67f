import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.*;

/** Letters on pensions, worded from many small parts. */
public class App {
    record Person(int number, String name, int born, double paid) {}

    private final List<Person> people = new ArrayList<>();

    App() {
        for (int i = 0; i < 1500; i++) {
            people.add(new Person(i, "Name " + i * 7919, 1950 + i % 40, 1000.0 + i * 13 % 900));
        }
    }

    void next(HttpExchange ex) throws IOException {
        StringBuilder out = new StringBuilder();
        for (Person p : people) {
            out.append(greeting(p)).append(age(p)).append(points(p)).append(amount(p)).append(code(p)).append(foot(p));
        }
        send(ex, "{\"length\":" + out.length() + "}");
    }

    static String greeting(Person p) {
        StringBuilder s = new StringBuilder("Dear ");
        for (String word : p.name().split(" ")) {
            s.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1).toLowerCase()).append(' ');
        }
        return s.toString().trim();
    }

    static String age(Person p) {
        return String.format("%d years, since %tY", 2026 - p.born(), new GregorianCalendar(p.born(), 1, 1));
    }

    static String points(Person p) {
        double sum = 0;
        for (int year = p.born() + 20; year < 2026; year++) {
            for (int month = 1; month <= 12; month++) {
                sum += Math.pow(1.0 + p.paid() / 1e6, year - p.born()) / month;
            }
        }
        return Double.toString(sum);
    }

    static String amount(Person p) {
        return java.text.NumberFormat.getCurrencyInstance(Locale.GERMANY).format(p.paid() * 1.19);
    }

    static String code(Person p) {
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            crc.update((p.name() + i).getBytes(StandardCharsets.UTF_8));
            s.append(Long.toHexString(crc.getValue()));
        }
        return s.toString();
    }

    static String foot(Person p) {
        return Stream.of("Office", "Street", p.name(), "Phone " + p.number(), "Mail")
                .map(w -> w.replace('e', 'E').strip()).sorted(Comparator.reverseOrder()).collect(Collectors.joining(", "));
    }

    static void send(HttpExchange ex, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.sendResponseHeaders(200, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws Exception {
        App app = new App();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/letters/next", app::next);
        server.setExecutor(Executors.newFixedThreadPool(24));
        server.start();
    }
}
