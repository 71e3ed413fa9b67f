import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Trade-in desk of a car dealer: says what a car is worth and remembers the offers. */
public class AppraisalServer {

    record Wish(String vin, int km, String condition) {
    }

    record Offer(long number, String vin, String make, int cents, List<String> remarks) {
    }

    /** The price list: new price by make, how fast a make loses value. */
    static class Valuation {
        private static final Map<String, Integer> NEW = Map.of("Arden", 31_000, "Belmont", 24_500, "Corvo", 42_000, "Delta", 18_900);
        private static final Map<String, Double> STATE = Map.of("mint", 1.08, "good", 1.0, "worn", 0.84, "broken", 0.35);
        private static final int THIS_YEAR = 2024;

        boolean knows(String condition) {
            return STATE.containsKey(condition);
        }

        int value(VehicleRegistry.History history, int km, String condition) {
            double value = NEW.getOrDefault(history.make(), 20_000);
            int age = Math.max(0, THIS_YEAR - history.year());
            for (int year = 0; year < age; year++) {
                value *= year < 3 ? 0.82 : 0.91;
            }
            value -= Math.max(0, km - age * 13_000) * 0.021;
            value *= STATE.get(condition) * (1 - 0.03 * (history.owners() - 1)) * (1 - 0.09 * history.worst());
            return (int) Math.max(150, Math.round(value / 10) * 10) * 100;
        }

        List<String> remarks(VehicleRegistry.History history, int km) {
            List<String> remarks = new ArrayList<>();
            if (history.worst() > 1) {
                remarks.add("repaired after an accident");
            }
            if (history.owners() > 3) {
                remarks.add("many owners");
            }
            if (km > 200_000) {
                remarks.add("high mileage");
            }
            return remarks;
        }
    }

    /** The offers of the day, newest first. */
    static class OfferBook {
        private static final int KEEP = 500;
        private final AtomicLong numbers = new AtomicLong(70_000);
        private final Map<Long, Offer> byNumber = new ConcurrentHashMap<>();
        private final Deque<Long> order = new ArrayDeque<>();

        long next() {
            return numbers.incrementAndGet();
        }

        void add(Offer offer) {
            byNumber.put(offer.number(), offer);
            synchronized (order) {
                order.addFirst(offer.number());
                if (order.size() > KEEP) {
                    byNumber.remove(order.removeLast());
                }
            }
        }

        Offer find(long number) {
            return byNumber.get(number);
        }

        List<Long> latest(int count) {
            synchronized (order) {
                return order.stream().limit(count).toList();
            }
        }
    }

    static class Appraisals extends HttpServlet {
        private static final Pattern VIN = Pattern.compile("[A-Z0-9]{8,17}");
        private final transient VehicleRegistry registry;
        private final transient Valuation valuation = new Valuation();
        private final transient OfferBook book = new OfferBook();
        private final transient Gson gson;

        Appraisals(VehicleRegistry registry, Gson gson) {
            this.registry = registry;
            this.gson = gson;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Wish wish;
            try {
                wish = gson.fromJson(request.getReader(), Wish.class);
            } catch (JsonSyntaxException e) {
                reply(response, 400, Map.of("error", "not JSON"));
                return;
            }
            if (wish == null || wish.vin() == null || !VIN.matcher(wish.vin()).matches() || !valuation.knows(wish.condition())) {
                reply(response, 422, Map.of("error", "vin and condition are needed"));
                return;
            }
            Offer offer = appraise(wish);
            book.add(offer);
            reply(response, 201, offer);
        }

        private Offer appraise(Wish wish) throws IOException {
            VehicleRegistry.History history = registry.history(wish.vin());
            int cents = valuation.value(history, wish.km(), wish.condition());
            return new Offer(book.next(), wish.vin(), history.make(), cents, valuation.remarks(history, wish.km()));
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String path = request.getPathInfo();
            if (path == null || path.equals("/")) {
                reply(response, 200, book.latest(20));
                return;
            }
            Offer offer = path.matches("/\\d{1,12}") ? book.find(Long.parseLong(path.substring(1))) : null;
            reply(response, offer == null ? 404 : 200, offer == null ? Map.of("error", "no such offer") : offer);
        }

        private void reply(HttpServletResponse response, int status, Object body) throws IOException {
            byte[] bytes = gson.toJson(body).getBytes(StandardCharsets.UTF_8);
            response.setStatus(status);
            response.setContentType("application/json");
            response.setContentLength(bytes.length);
            response.getOutputStream().write(bytes);
        }
    }

    static class Ping extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("text/plain");
            response.getWriter().print("pong");
        }
    }

    public static void main(String[] args) throws LifecycleException, IOException {
        Gson gson = new Gson();
        VehicleRegistry registry = new VehicleRegistry("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"), gson);
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(".");
        Connector connector = new Connector();
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxThreads", "60");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "appraisals", new Appraisals(registry, gson));
        Tomcat.addServlet(context, "ping", new Ping());
        context.addServletMappingDecoded("/appraisals/*", "appraisals");
        context.addServletMappingDecoded("/ping", "ping");
        tomcat.start();
        tomcat.getServer().await();
    }
}
