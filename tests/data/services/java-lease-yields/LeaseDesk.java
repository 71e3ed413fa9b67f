import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Leases of machines: their payments, and what they yield. */
public class LeaseDesk {

    record Payment(LocalDate due, BigDecimal amount) {
    }

    record Lease(String number, String machine, BigDecimal price, BigDecimal rate, int months, BigDecimal residual, LocalDate from) {

        List<Payment> payments() {
            List<Payment> payments = new ArrayList<>();
            for (int i = 1; i <= months; i++) {
                BigDecimal amount = i == months ? rate.add(residual) : rate;
                payments.add(new Payment(from.plusMonths(i), amount));
            }
            return payments;
        }
    }

    /** The arithmetic of leases, in full decimal precision as the auditors want it. */
    static class Yields {
        private static final MathContext PRECISION = MathContext.DECIMAL128;
        private static final BigDecimal TOLERANCE = new BigDecimal("1e-16");
        private static final BigDecimal TWO = BigDecimal.valueOf(2);

        /** The monthly rate at which the payments are worth the price. */
        static BigDecimal effectiveYield(BigDecimal price, List<Payment> payments) {
            BigDecimal low = BigDecimal.ZERO;
            BigDecimal high = new BigDecimal("0.2");
            while (high.subtract(low).compareTo(TOLERANCE) > 0) {
                BigDecimal middle = low.add(high).divide(TWO, PRECISION);
                if (presentValue(payments, middle).compareTo(price) > 0) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        static BigDecimal presentValue(List<Payment> payments, BigDecimal rate) {
            BigDecimal value = BigDecimal.ZERO;
            BigDecimal growth = BigDecimal.ONE.add(rate);
            for (int i = 0; i < payments.size(); i++) {
                value = value.add(payments.get(i).amount().divide(growth.pow(i + 1, PRECISION), PRECISION));
            }
            return value;
        }

        static BigDecimal yearly(BigDecimal monthly) {
            return BigDecimal.ONE.add(monthly).pow(12).subtract(BigDecimal.ONE).setScale(6, RoundingMode.HALF_UP);
        }
    }

    static class Leases {
        private static final String[] MACHINES = {"fork lift", "lathe", "band saw", "oven line", "crane", "press"};
        private final Map<String, Lease> byNumber = new LinkedHashMap<>();

        Leases(int count) {
            for (int i = 0; i < count; i++) {
                BigDecimal price = BigDecimal.valueOf(18_000 + i * 137 % 90_000);
                int months = 72 + 12 * (i % 5);
                BigDecimal rate = price.multiply(new BigDecimal("1.31")).divide(BigDecimal.valueOf(months), 2, RoundingMode.HALF_UP);
                String number = "L-" + (1000 + i);
                byNumber.put(number, new Lease(number, MACHINES[i % MACHINES.length], price, rate, months,
                        price.multiply(new BigDecimal("0.05")), LocalDate.of(2022, 1 + i % 12, 1)));
            }
        }

        Lease find(String number) {
            return byNumber.get(number);
        }

        List<Lease> ofMachine(String machine) {
            return byNumber.values().stream().filter(l -> l.machine().equals(machine)).limit(60).toList();
        }
    }

    private final Leases leases;

    LeaseDesk(Leases leases) {
        this.leases = leases;
    }

    void lease(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        Lease lease = path.length > 2 ? leases.find(path[2]) : null;
        if (lease == null) {
            send(ex, 404, "{\"error\":\"no such lease\"}");
        } else if (path.length > 3 && path[3].equals("terms")) {
            send(ex, 200, terms(lease));
        } else {
            send(ex, 200, summary(lease));
        }
    }

    String terms(Lease lease) {
        List<Payment> payments = lease.payments();
        BigDecimal yield = Yields.effectiveYield(lease.price(), payments);
        BigDecimal withoutResidual = Yields.effectiveYield(lease.price(), withoutLast(lease, payments));
        BigDecimal open = lease.price();
        StringBuilder plan = new StringBuilder();
        for (Payment payment : payments) {
            BigDecimal interest = open.multiply(yield).setScale(2, RoundingMode.HALF_UP);
            open = open.add(interest).subtract(payment.amount());
            plan.append(plan.isEmpty() ? "" : ",").append("{\"due\":\"").append(payment.due()).append("\",\"amount\":")
                    .append(payment.amount()).append(",\"interest\":").append(interest).append(",\"open\":").append(open).append('}');
        }
        return "{\"lease\":\"" + lease.number() + "\",\"yield\":" + Yields.yearly(yield) + ",\"yieldWithoutResidual\":"
                + Yields.yearly(withoutResidual) + ",\"plan\":[" + plan + "]}";
    }

    static List<Payment> withoutLast(Lease lease, List<Payment> payments) {
        List<Payment> all = new ArrayList<>(payments);
        Payment last = all.remove(all.size() - 1);
        all.add(new Payment(last.due(), last.amount().subtract(lease.residual())));
        return all;
    }

    static String summary(Lease lease) {
        return "{\"lease\":\"" + lease.number() + "\",\"machine\":\"" + lease.machine() + "\",\"price\":" + lease.price()
                + ",\"rate\":" + lease.rate() + ",\"months\":" + lease.months() + "}";
    }

    void machines(HttpExchange ex) throws IOException {
        String machine = ex.getRequestURI().getPath().substring("/machines/".length());
        send(ex, 200, leases.ofMachine(machine).stream().map(LeaseDesk::summary).collect(Collectors.joining(",", "[", "]")));
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
        LeaseDesk desk = new LeaseDesk(new Leases(2400));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"status\":\"ok\"}"));
        server.createContext("/leases/", desk::lease);
        server.createContext("/machines/", desk::machines);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
