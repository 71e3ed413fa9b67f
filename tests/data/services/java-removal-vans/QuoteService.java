package moves;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.client.RestClient;

@Service
@Transactional
public class QuoteService {

    public record Drive(double kilometers, int minutes, BigDecimal tolls) {
    }

    public record Quote(String from, String to, int cubicMeters, LocalDate on, String van, Drive drive, int hours,
                        BigDecimal price) {
    }

    public record Order(String customer, String from, String to, int cubicMeters, LocalDate on) {
    }

    record VanClass(String name, int cubicMeters, BigDecimal hourly, BigDecimal perKilometer) {
    }

    record Zone(String postcode, BigDecimal surcharge, boolean permit) {
    }

    private static final BigDecimal PERMIT = new BigDecimal("85.00");

    private final JdbcTemplate jdbc;
    private final RestClient roads;
    private final Map<String, Zone> zones = new ConcurrentHashMap<>();
    private volatile List<VanClass> classes;

    QuoteService(JdbcTemplate jdbc, RestClient roads) {
        this.jdbc = jdbc;
        this.roads = roads;
    }

    public Quote quote(String from, String to, int cubicMeters, LocalDate on) {
        if (cubicMeters < 1 || cubicMeters > 120) {
            throw new IllegalArgumentException("between 1 and 120 cubic meters");
        }
        Zone start = zone(from);
        Zone end = zone(to);
        VanClass van = smallestFor(cubicMeters);
        Drive drive = drive(from, to, van.name());
        int hours = hours(cubicMeters, drive);
        return new Quote(from, to, cubicMeters, on, van.name(), drive, hours, price(van, start, end, drive, hours, on));
    }

    public long order(Order order) {
        Quote quote = quote(order.from(), order.to(), order.cubicMeters(), order.on());
        Long id = jdbc.queryForObject(
                "INSERT INTO orders (customer, from_zone, to_zone, cubic_meters, moves_on, van_class, price) "
                        + "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                Long.class, order.customer(), order.from(), order.to(), order.cubicMeters(), order.on(), quote.van(),
                quote.price());
        jdbc.update("INSERT INTO order_log (order_id, what) VALUES (?, 'placed')", id);
        return id;
    }

    @Transactional(readOnly = true)
    public List<Map<String, Object>> diary(int van) {
        return jdbc.queryForList(
                "SELECT id, customer, from_zone, to_zone, moves_on, price FROM orders WHERE van_id = ? "
                        + "ORDER BY moves_on DESC, id LIMIT 30", van);
    }

    private Zone zone(String postcode) {
        return zones.computeIfAbsent(postcode, code -> jdbc.query(
                        "SELECT postcode, surcharge, permit FROM zones WHERE postcode = ?",
                        (row, n) -> new Zone(row.getString(1), row.getBigDecimal(2), row.getBoolean(3)), code)
                .stream().findFirst()
                .orElseThrow(() -> new IllegalArgumentException("we do not drive to " + code)));
    }

    private VanClass smallestFor(int cubicMeters) {
        if (classes == null) {
            classes = jdbc.query("SELECT name, cubic_meters, hourly, per_km FROM van_classes ORDER BY cubic_meters",
                    (row, n) -> new VanClass(row.getString(1), row.getInt(2), row.getBigDecimal(3), row.getBigDecimal(4)));
        }
        return classes.stream().filter(c -> c.cubicMeters() >= cubicMeters).findFirst()
                .orElse(classes.get(classes.size() - 1));
    }

    private Drive drive(String from, String to, String van) {
        return roads.get().uri("/route?from={from}&to={to}&vehicle={van}", from, to, van).retrieve().body(Drive.class);
    }

    private static int hours(int cubicMeters, Drive drive) {
        return (int) Math.ceil(cubicMeters / 6.0 + drive.minutes() / 60.0);
    }

    private static BigDecimal price(VanClass van, Zone start, Zone end, Drive drive, int hours, LocalDate on) {
        BigDecimal sum = van.hourly().multiply(BigDecimal.valueOf(hours))
                .add(van.perKilometer().multiply(BigDecimal.valueOf(drive.kilometers())))
                .add(drive.tolls()).add(start.surcharge()).add(end.surcharge());
        if (start.permit() || end.permit()) {
            sum = sum.add(PERMIT);
        }
        if (on.getDayOfWeek() == DayOfWeek.SATURDAY || on.getDayOfMonth() >= 29) {
            sum = sum.multiply(new BigDecimal("1.15"));
        }
        return sum.setScale(2, RoundingMode.HALF_UP);
    }
}
