import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Registry office: extracts of birth entries, in several languages. */
public class App {

    record Entry(String volume, int number, String name, LocalDate born, String place, String mother, String father) {}

    record Extract(long serial, String language, Map<String, String> fields) {
        String json() {
            StringBuilder sb = new StringBuilder("{\"serial\":").append(serial).append(",\"language\":\"").append(language).append('"');
            fields.forEach((k, v) -> sb.append(",\"").append(k).append("\":\"").append(v.replace("\"", "\\\"")).append('"'));
            return sb.append('}').toString();
        }
    }

    /** The register itself is kept at the county's archive. */
    static class CountyRegister {
        private final String base;

        CountyRegister(String base) {
            this.base = base;
        }

        Entry entry(String volume, int number) throws IOException {
            HttpURLConnection connection =
                    (HttpURLConnection) new URL(base + "/register/" + volume + "/" + number).openConnection();
            connection.setConnectTimeout(2000);
            connection.setReadTimeout(4000);
            if (connection.getResponseCode() == 404) {
                return null;
            }
            try (BufferedReader in = new BufferedReader(
                    new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
                String[] cells = in.readLine().split("\\|");
                return new Entry(volume, number, cells[0], LocalDate.parse(cells[1]), cells[2], cells[3], cells[4]);
            }
        }
    }

    static class Translations {
        private final Map<String, Map<String, String>> words = Map.of(
                "en", Map.of("name", "name", "born", "born", "place", "place", "parents", "parents"),
                "fr", Map.of("name", "nom", "born", "naissance", "place", "lieu", "parents", "parents"),
                "de", Map.of("name", "Name", "born", "geboren", "place", "Ort", "parents", "Eltern"));

        Map<String, String> of(Entry entry, String language) {
            Map<String, String> label = words.getOrDefault(language, words.get("en"));
            DateTimeFormatter date = DateTimeFormatter.ofPattern("d MMMM yyyy", Locale.forLanguageTag(language));
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("entry", entry.volume() + "/" + entry.number());
            fields.put(label.get("name"), entry.name());
            fields.put(label.get("born"), date.format(entry.born()));
            fields.put(label.get("place"), entry.place());
            fields.put(label.get("parents"), entry.mother() + ", " + entry.father());
            return fields;
        }
    }

    static class ExtractOffice {
        private final CountyRegister register;
        private final Translations translations = new Translations();
        private final AtomicLong serial = new AtomicLong(40_000);
        private final Map<String, AtomicInteger> issued = new ConcurrentHashMap<>();
        private final AtomicInteger clerks = new AtomicInteger();
        private final ExecutorService desk = Executors.newFixedThreadPool(2, r -> {
            Thread thread = new Thread(r, "extract-clerk-" + clerks.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });

        ExtractOffice(CountyRegister register) {
            this.register = register;
        }

        Extract issue(String volume, int number, String language) throws IOException {
            Future<Extract> job = desk.submit(() -> draw(volume, number, language));
            try {
                return job.get(20, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            } catch (TimeoutException e) {
                job.cancel(true);
                throw new IOException("the register does not answer", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        private Extract draw(String volume, int number, String language) throws IOException {
            Entry entry = register.entry(volume, number);
            if (entry == null) {
                return null;
            }
            issued.computeIfAbsent(language, k -> new AtomicInteger()).incrementAndGet();
            return new Extract(serial.incrementAndGet(), language, translations.of(entry, language));
        }

        Map<String, AtomicInteger> issued() {
            return issued;
        }
    }

    private final ExtractOffice office;

    App(ExtractOffice office) {
        this.office = office;
    }

    void extracts(HttpExchange ex) throws IOException {
        String[] parts = ex.getRequestURI().getPath().split("/");
        if (!ex.getRequestMethod().equals("POST") || parts.length != 4) {
            send(ex, 400, "{\"error\":\"POST /extracts/VOLUME/NUMBER\"}");
            return;
        }
        String wanted = new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String language = wanted.contains("\"fr\"") ? "fr" : wanted.contains("\"de\"") ? "de" : "en";
        try {
            Extract extract = office.issue(parts[2], Integer.parseInt(parts[3]), language);
            send(ex, extract == null ? 404 : 201, extract == null ? "{\"error\":\"no such entry\"}" : extract.json());
        } catch (IOException e) {
            send(ex, 502, "{\"error\":\"register\"}");
        }
    }

    void statistics(HttpExchange ex) throws IOException {
        StringBuilder sb = new StringBuilder("{");
        office.issued().forEach((k, v) -> sb.append(sb.length() > 1 ? "," : "").append('"').append(k).append("\":").append(v));
        send(ex, 200, sb.append('}').toString());
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App(new ExtractOffice(new CountyRegister("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"))));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/extracts/", app::extracts);
        server.createContext("/statistics", app::statistics);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
