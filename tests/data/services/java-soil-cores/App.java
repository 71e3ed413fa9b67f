package survey;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/** Soil survey: takes in drilled cores from the field and says what a site is made of. */
public class App {

    static class BadCore extends RuntimeException {
        BadCore(String message) {
            super(message);
        }
    }

    /** Running sums by site and soil, so that a profile needs no files. */
    static class Profiles {
        private final Map<String, Map<String, LongAdder>> bySite = new ConcurrentHashMap<>();

        void add(CoreArchive.Core core) {
            Map<String, LongAdder> soils = bySite.computeIfAbsent(core.site(), site -> new ConcurrentHashMap<>());
            for (CoreArchive.Layer layer : core.layers()) {
                soils.computeIfAbsent(layer.soil(), soil -> new LongAdder()).add(layer.centimeters());
            }
        }

        String json(String site) {
            Map<String, LongAdder> soils = bySite.getOrDefault(site, Map.of());
            long total = soils.values().stream().mapToLong(LongAdder::sum).sum();
            StringJoiner out = new StringJoiner(",", "{", "}");
            soils.forEach((soil, sum) -> out.add("\"" + soil + "\":" + Math.round(sum.sum() * 1000.0 / total) / 10.0));
            return out.toString();
        }
    }

    private final CoreArchive archive;
    private final Profiles profiles = new Profiles();

    App(CoreArchive archive) {
        this.archive = archive;
    }

    static List<CoreArchive.Layer> parseLayers(String text, int depth) {
        List<CoreArchive.Layer> layers = new ArrayList<>();
        int sum = 0;
        for (String part : text.split(",")) {
            String[] fields = part.trim().split(":");
            if (fields.length != 3 || !fields[0].matches("[a-z]{2,12}")) {
                throw new BadCore("a layer is soil:centimeters:acidity");
            }
            CoreArchive.Layer layer = new CoreArchive.Layer(fields[0], Integer.parseInt(fields[1]), Double.parseDouble(fields[2]));
            sum += layer.centimeters();
            layers.add(layer);
        }
        if (sum != depth) {
            throw new BadCore("the layers make " + sum + " cm, not " + depth);
        }
        return layers;
    }

    private CoreArchive.Core parse(String site, String body) {
        Map<String, String> fields = new HashMap<>();
        for (String pair : body.split(";")) {
            int at = pair.indexOf('=');
            if (at > 0) {
                fields.put(pair.substring(0, at).trim(), pair.substring(at + 1).trim());
            }
        }
        try {
            int depth = Integer.parseInt(fields.getOrDefault("depth", "0"));
            List<CoreArchive.Layer> layers = parseLayers(fields.getOrDefault("layers", ""), depth);
            return new CoreArchive.Core(archive.nextNumber(), site, depth, System.currentTimeMillis(),
                    fields.getOrDefault("by", "?"), layers);
        } catch (NumberFormatException e) {
            throw new BadCore("numbers are wrong: " + e.getMessage());
        }
    }

    static String json(CoreArchive.Core core) {
        StringJoiner layers = new StringJoiner(",", "[", "]");
        for (CoreArchive.Layer layer : core.layers()) {
            layers.add("{\"soil\":\"" + layer.soil() + "\",\"cm\":" + layer.centimeters() + ",\"ph\":" + layer.acidity() + "}");
        }
        return "{\"core\":" + core.number() + ",\"site\":\"" + core.site() + "\",\"depth\":" + core.depth()
                + ",\"layers\":" + layers + "}";
    }

    void sites(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        if (path.length != 4 || !path[2].matches("[a-z0-9-]{1,40}")) {
            send(ex, 404, "{\"error\":\"no such place\"}");
        } else if (path[3].equals("cores") && ex.getRequestMethod().equals("POST")) {
            CoreArchive.Core core = parse(path[2], new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            archive.store(core);
            profiles.add(core);
            send(ex, 201, json(core));
        } else if (path[3].equals("profile")) {
            send(ex, 200, profiles.json(path[2]));
        } else {
            send(ex, 405, "{\"error\":\"not here\"}");
        }
    }

    void cores(HttpExchange ex) throws IOException {
        String number = ex.getRequestURI().getPath().substring("/cores/".length());
        CoreArchive.Core core = number.matches("\\d{1,7}") ? archive.load(Integer.parseInt(number)) : null;
        send(ex, core == null ? 404 : 200, core == null ? "{\"error\":\"no such core\"}" : json(core));
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }

    static Filter problems() {
        return new Filter() {
            @Override
            public void doFilter(HttpExchange ex, Chain chain) throws IOException {
                try {
                    chain.doFilter(ex);
                } catch (BadCore e) {
                    send(ex, 422, "{\"error\":\"" + e.getMessage() + "\"}");
                }
            }

            @Override
            public String description() {
                return "turns what is wrong with a core into a 422";
            }
        };
    }

    public static void main(String[] args) throws IOException {
        App app = new App(new CoreArchive(Path.of("cores")));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        HttpContext sites = server.createContext("/sites/", app::sites);
        sites.getFilters().add(problems());
        server.createContext("/cores/", app::cores);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"ok\":true}"));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
