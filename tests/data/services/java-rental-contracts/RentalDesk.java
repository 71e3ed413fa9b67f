import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.math.BigDecimal;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The counter of a tool and machine rental: contracts of a branch, one contract, the price list. */
public class RentalDesk {

    record Item(String model, int quantity, BigDecimal dayRate) {
        BigDecimal forDays(long days) {
            return dayRate.multiply(BigDecimal.valueOf(quantity * days));
        }
    }

    record Contract(int id, int branch, String status, LocalDate startsOn, LocalDate endsOn, String customer, String phone) {
        long days() {
            return Math.max(1, ChronoUnit.DAYS.between(startsOn, endsOn));
        }
    }

    record ContractView(int id, String status, String from, String to, String customer, String phone, List<Item> items,
                        BigDecimal total, BigDecimal deposit, BigDecimal toPay) {
    }

    /** Reads contracts and what belongs to them. */
    static class ContractStore {
        private static final String SELECT = "SELECT c.id, c.branch_id, c.status, c.starts_on, c.ends_on, u.name, u.phone"
                + " FROM contracts c JOIN customers u ON u.id = c.customer_id";
        private final DataSource source;

        ContractStore(DataSource source) {
            this.source = source;
        }

        List<Contract> ofBranch(int branch, String status) throws SQLException {
            try (Connection connection = source.getConnection();
                 PreparedStatement select = connection.prepareStatement(
                         SELECT + " WHERE c.branch_id = ? AND c.status = ? ORDER BY c.starts_on, c.id")) {
                select.setInt(1, branch);
                select.setString(2, status);
                try (ResultSet rows = select.executeQuery()) {
                    List<Contract> found = new ArrayList<>();
                    while (rows.next()) {
                        found.add(contract(rows));
                    }
                    return found;
                }
            }
        }

        Contract byId(int id) throws SQLException {
            try (Connection connection = source.getConnection();
                 PreparedStatement select = connection.prepareStatement(SELECT + " WHERE c.id = ?")) {
                select.setInt(1, id);
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next() ? contract(rows) : null;
                }
            }
        }

        private static Contract contract(ResultSet row) throws SQLException {
            return new Contract(row.getInt(1), row.getInt(2), row.getString(3), row.getObject(4, LocalDate.class),
                    row.getObject(5, LocalDate.class), row.getString(6), row.getString(7));
        }

        List<Item> itemsOf(int contract) throws SQLException {
            try (Connection connection = source.getConnection();
                 PreparedStatement select = connection.prepareStatement(
                         "SELECT m.model, i.quantity, m.day_rate FROM contract_items i JOIN machines m ON m.id = i.machine_id"
                                 + " WHERE i.contract_id = ? ORDER BY i.id")) {
                select.setInt(1, contract);
                try (ResultSet rows = select.executeQuery()) {
                    List<Item> items = new ArrayList<>();
                    while (rows.next()) {
                        items.add(new Item(rows.getString(1), rows.getInt(2), rows.getBigDecimal(3)));
                    }
                    return items;
                }
            }
        }

        BigDecimal depositOf(int contract) throws SQLException {
            try (Connection connection = source.getConnection();
                 PreparedStatement select = connection.prepareStatement(
                         "SELECT coalesce(sum(amount), 0) FROM deposits WHERE contract_id = ?")) {
                select.setInt(1, contract);
                try (ResultSet rows = select.executeQuery()) {
                    rows.next();
                    return rows.getBigDecimal(1);
                }
            }
        }

        List<Map<String, Object>> priceList(int limit) throws SQLException {
            try (Connection connection = source.getConnection();
                 PreparedStatement select = connection.prepareStatement(
                         "SELECT model, day_rate FROM machines ORDER BY model LIMIT ?")) {
                select.setInt(1, limit);
                try (ResultSet rows = select.executeQuery()) {
                    List<Map<String, Object>> prices = new ArrayList<>();
                    while (rows.next()) {
                        prices.add(Map.of("model", rows.getString(1), "dayRate", rows.getBigDecimal(2)));
                    }
                    return prices;
                }
            }
        }
    }

    private final ContractStore store;

    RentalDesk(ContractStore store) {
        this.store = store;
    }

    private ContractView view(Contract contract) throws SQLException {
        List<Item> items = store.itemsOf(contract.id());
        BigDecimal total = items.stream().map(item -> item.forDays(contract.days())).reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal deposit = store.depositOf(contract.id());
        return new ContractView(contract.id(), contract.status(), contract.startsOn().toString(), contract.endsOn().toString(),
                contract.customer(), contract.phone(), items, total, deposit, total.subtract(deposit));
    }

    void contracts(Context ctx) throws SQLException {
        int branch = ctx.pathParamAsClass("branch", Integer.class).get();
        String status = ctx.queryParamAsClass("status", String.class).getOrDefault("open");
        List<ContractView> views = new ArrayList<>();
        for (Contract contract : store.ofBranch(branch, status)) {
            views.add(view(contract));
        }
        ctx.json(Map.of("branch", branch, "contracts", views));
    }

    void contract(Context ctx) throws SQLException {
        Contract contract = store.byId(ctx.pathParamAsClass("id", Integer.class).get());
        if (contract == null) {
            throw new NotFoundResponse("no such contract");
        }
        ctx.json(view(contract));
    }

    void prices(Context ctx) throws SQLException {
        ctx.json(store.priceList(ctx.queryParamAsClass("limit", Integer.class).getOrDefault(50)));
    }

    static DataSource dataSource() {
        URI url = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(12);
        config.setPoolName("rentals");
        return new HikariDataSource(config);
    }

    public static void main(String[] args) {
        RentalDesk desk = new RentalDesk(new ContractStore(dataSource()));
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/branches/{branch}/contracts", desk::contracts)
                .get("/contracts/{id}", desk::contract)
                .get("/prices", desk::prices)
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
