import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;

/** The donor file of a charity: finds people who may be entered twice before a new one is added. */
public class DonorSearch {

    record Donor(int id, String first, String last, String town, int gifts) {
        String fullName() {
            return first + " " + last;
        }

        String json() {
            return "{\"id\":" + id + ",\"name\":\"" + fullName() + "\",\"town\":\"" + town + "\",\"gifts\":" + gifts + "}";
        }
    }

    record Match(Donor donor, double score) {
        String json() {
            return String.format(Locale.ROOT, "{\"score\":%.3f,\"donor\":%s}", score, donor.json());
        }
    }

    /** How alike two spellings are. */
    static class Similarity {
        static String normalized(String text) {
            return text.trim().toLowerCase(Locale.ROOT).replace("ß", "ss");
        }

        static double of(String a, String b) {
            int longer = Math.max(a.length(), b.length());
            return longer == 0 ? 1 : 1 - distance(a, b) / (double) longer;
        }

        static int distance(String a, String b) {
            int[][] cost = new int[a.length() + 1][b.length() + 1];
            for (int i = 0; i <= a.length(); i++) {
                cost[i][0] = i;
            }
            for (int j = 0; j <= b.length(); j++) {
                cost[0][j] = j;
            }
            for (int i = 1; i <= a.length(); i++) {
                for (int j = 1; j <= b.length(); j++) {
                    int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                    cost[i][j] = Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + same);
                    if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                        cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + same);
                    }
                }
            }
            return cost[a.length()][b.length()];
        }
    }

    /** All donors, by number and by spelling. */
    static class DonorFile {
        private final List<Donor> donors = new ArrayList<>();
        private final Map<Integer, Donor> byId = new HashMap<>();
        private final List<String> spellings = new ArrayList<>();

        void add(Donor donor) {
            donors.add(donor);
            byId.put(donor.id(), donor);
            spellings.add(Similarity.normalized(donor.fullName()));
        }

        Donor get(int id) {
            return byId.get(id);
        }

        List<Match> closest(String name, String town, int count) {
            String wanted = Similarity.normalized(name);
            List<Match> matches = new ArrayList<>();
            for (int i = 0; i < donors.size(); i++) {
                Donor donor = donors.get(i);
                double score = Similarity.of(wanted, spellings.get(i)) + (donor.town().equalsIgnoreCase(town) ? 0.1 : 0);
                if (score > 0.45) {
                    matches.add(new Match(donor, score));
                }
            }
            matches.sort(Comparator.comparingDouble((Match m) -> -m.score()).thenComparingInt(m -> m.donor().id()));
            return matches.subList(0, Math.min(count, matches.size()));
        }

        Map<String, Integer> giftsByTown() {
            Map<String, Integer> gifts = new HashMap<>();
            donors.forEach(d -> gifts.merge(d.town(), d.gifts(), Integer::sum));
            return gifts;
        }

        static DonorFile generated(int count) {
            String[] first = {"Anna", "Bernhard", "Clara", "Dietmar", "Eleonore", "Friedrich", "Gerlinde", "Hannes", "Katharina",
                "Leopold", "Margarete", "Norbert", "Ottilie", "Patrizia", "Reinhard", "Sieglinde", "Theodor", "Walburga"};
            String[] start = {"Wiesen", "Ober", "Stein", "Hollen", "Brunn", "Kirch", "Linden", "Schwarz", "Feld", "Berg", "Neu"};
            String[] end = {"thaler", "huber", "mayer", "steiner", "bacher", "egger", "wieser", "hofer", "reiter", "lehner"};
            String[] towns = {"Oberndorf", "Lamprechtshausen", "Seekirchen", "Hallein", "Mondsee", "Strobl", "Tamsweg"};
            Random random = new Random(41);
            DonorFile file = new DonorFile();
            for (int id = 1; id <= count; id++) {
                String last = start[random.nextInt(start.length)] + end[random.nextInt(end.length)]
                        + (random.nextInt(4) == 0 ? "-" + start[random.nextInt(start.length)] + "er" : "");
                file.add(new Donor(id, first[random.nextInt(first.length)], last, towns[random.nextInt(towns.length)],
                        1 + random.nextInt(30)));
            }
            return file;
        }
    }

    private final DonorFile file;

    DonorSearch(DonorFile file) {
        this.file = file;
    }

    void donors(HttpExchange ex) throws IOException {
        String path = ex.getRequestURI().getPath();
        if (path.equals("/donors/similar")) {
            Map<String, String> query = query(ex.getRequestURI().getRawQuery());
            if (!query.containsKey("name")) {
                send(ex, 400, "{\"error\":\"name is missing\"}");
                return;
            }
            List<Match> matches = file.closest(query.get("name"), query.getOrDefault("town", ""), 12);
            send(ex, 200, "[" + String.join(",", matches.stream().map(Match::json).toList()) + "]");
            return;
        }
        Donor donor = path.matches("/donors/\\d{1,7}") ? file.get(Integer.parseInt(path.substring(8))) : null;
        send(ex, donor == null ? 404 : 200, donor == null ? "{\"error\":\"no such donor\"}" : donor.json());
    }

    void towns(HttpExchange ex) throws IOException {
        StringBuilder out = new StringBuilder("{");
        file.giftsByTown().forEach((town, gifts) ->
                out.append(out.length() > 1 ? "," : "").append('"').append(town).append("\":").append(gifts));
        send(ex, 200, out.append('}').toString());
    }

    static Map<String, String> query(String raw) {
        Map<String, String> values = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&")) {
                String[] kv = pair.split("=", 2);
                values.put(kv[0], kv.length == 2 ? URLDecoder.decode(kv[1], StandardCharsets.UTF_8) : "");
            }
        }
        return values;
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        DonorSearch search = new DonorSearch(DonorFile.generated(22_000));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        server.createContext("/donors", search::donors);
        server.createContext("/towns", search::towns);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
