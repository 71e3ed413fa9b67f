import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class Billing {
    private final HikariDataSource source;
    private final FiscalUnit fiscal;

    Billing(String url, FiscalUnit fiscal) {
        this.fiscal = fiscal;
        URI uri = URI.create(url);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath());
        config.setUsername(uri.getUserInfo());
        config.setMaximumPoolSize(20);
        config.setAutoCommit(false);
        source = new HikariDataSource(config);
    }

    Map<String, Object> issue(String series, App.Order order) throws SQLException, IOException, InterruptedException {
        try (Connection connection = source.getConnection()) {
            try {
                int number = nextNumber(connection, series);
                BigDecimal discount = discountOf(connection, order.customer());
                Map<String, BigDecimal> prices = prices(connection, order.lines());
                int invoice = insertInvoice(connection, series, number, order.customer());
                BigDecimal net = insertLines(connection, invoice, order.lines(), prices, discount);
                String signature = fiscal.sign(series, number, net);
                seal(connection, invoice, net, signature);
                connection.commit();
                return Map.of("series", series, "number", number, "net", net, "signature", signature);
            } catch (SQLException | IOException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    /** The tax office allows no gaps, so the number comes from the series and not from a sequence. */
    private int nextNumber(Connection connection, String series) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE invoice_series SET last_number = last_number + 1 WHERE code = ? RETURNING last_number")) {
            statement.setString(1, series);
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    throw new IllegalArgumentException("no series " + series);
                }
                return result.getInt(1);
            }
        }
    }

    private BigDecimal discountOf(Connection connection, int customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT discount FROM customers WHERE id = ?")) {
            statement.setInt(1, customer);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getBigDecimal(1) : BigDecimal.ZERO;
            }
        }
    }

    private Map<String, BigDecimal> prices(Connection connection, List<App.Line> lines) throws SQLException {
        Map<String, BigDecimal> prices = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT sku, price FROM parts WHERE sku = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", lines.stream().map(App.Line::sku).toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    prices.put(result.getString(1), result.getBigDecimal(2));
                }
            }
        }
        return prices;
    }

    private int insertInvoice(Connection connection, String series, int number, int customer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO invoices (series, number, customer_id) VALUES (?, ?, ?) RETURNING id")) {
            statement.setString(1, series);
            statement.setInt(2, number);
            statement.setInt(3, customer);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    private BigDecimal insertLines(Connection connection, int invoice, List<App.Line> lines, Map<String, BigDecimal> prices,
            BigDecimal discount) throws SQLException {
        BigDecimal net = BigDecimal.ZERO;
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO invoice_lines (invoice_id, position, sku, quantity, amount) VALUES (?, ?, ?, ?, ?)")) {
            int position = 1;
            for (App.Line line : lines) {
                BigDecimal amount = prices.getOrDefault(line.sku(), BigDecimal.ZERO)
                        .multiply(BigDecimal.valueOf(line.quantity()))
                        .multiply(BigDecimal.ONE.subtract(discount)).setScale(2, RoundingMode.HALF_UP);
                statement.setInt(1, invoice);
                statement.setInt(2, position++);
                statement.setString(3, line.sku());
                statement.setInt(4, line.quantity());
                statement.setBigDecimal(5, amount);
                statement.addBatch();
                net = net.add(amount);
            }
            statement.executeBatch();
        }
        return net;
    }

    private void seal(Connection connection, int invoice, BigDecimal net, String signature) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE invoices SET net = ?, signature = ? WHERE id = ?")) {
            statement.setBigDecimal(1, net);
            statement.setString(2, signature);
            statement.setInt(3, invoice);
            statement.executeUpdate();
        }
    }

    List<Map<String, Object>> latest(String series, int count) throws SQLException {
        List<Map<String, Object>> list = new ArrayList<>();
        try (Connection connection = source.getConnection(); PreparedStatement statement = connection.prepareStatement(
                "SELECT number, customer_id, net FROM invoices WHERE series = ? ORDER BY number DESC LIMIT ?")) {
            statement.setString(1, series);
            statement.setInt(2, count);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    list.add(Map.of("number", result.getInt(1), "customer", result.getInt(2), "net", result.getBigDecimal(3)));
                }
            }
        }
        return list;
    }

    List<String> series() throws SQLException {
        List<String> list = new ArrayList<>();
        try (Connection connection = source.getConnection(); PreparedStatement statement = connection.prepareStatement(
                "SELECT code FROM invoice_series ORDER BY code"); ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                list.add(result.getString(1));
            }
        }
        return list;
    }
}

/** The signing unit that the tax office has certified; it stands in the back office. */
class FiscalUnit {
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private final String base;

    FiscalUnit(String base) {
        this.base = base;
    }

    String sign(String series, int number, BigDecimal net) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/sign/" + series + "/" + number))
                .timeout(Duration.ofSeconds(5)).POST(HttpRequest.BodyPublishers.ofString(net.toPlainString())).build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("fiscal unit answered " + answer.statusCode());
        }
        return answer.body();
    }
}
