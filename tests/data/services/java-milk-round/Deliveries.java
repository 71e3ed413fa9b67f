package dairy;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** What the lorries bring in. A delivery without a numbered sample must not be in the books. */
class Deliveries {

    record Delivery(long id, int farm, BigDecimal liters, BigDecimal celsius, String sample) {
    }

    static class Laboratory {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final URI samples;
        private final Gson gson;

        Laboratory(URI samples, Gson gson) {
            this.samples = samples;
            this.gson = gson;
        }

        String register(long delivery, int farm) throws IOException {
            JsonObject order = new JsonObject();
            order.addProperty("delivery", delivery);
            order.addProperty("farm", farm);
            HttpRequest request = HttpRequest.newBuilder(samples)
                    .timeout(Duration.ofSeconds(5))
                    .POST(HttpRequest.BodyPublishers.ofString(gson.toJson(order)))
                    .build();
            try {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() != 201) {
                    throw new IOException("laboratory: " + response.statusCode());
                }
                return gson.fromJson(response.body(), JsonObject.class).get("sample").getAsString();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }

    private final DataSource database;
    private final Laboratory laboratory;

    Deliveries(DataSource database, Laboratory laboratory) {
        this.database = database;
        this.laboratory = laboratory;
    }

    Delivery accept(int dairy, int farm, BigDecimal liters, BigDecimal celsius) throws SQLException, IOException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                long id = insert(connection, dairy, farm, liters, celsius);
                String sample = laboratory.register(id, farm);
                label(connection, id, sample);
                connection.commit();
                return new Delivery(id, farm, liters, celsius, sample);
            } catch (SQLException | IOException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private long insert(Connection connection, int dairy, int farm, BigDecimal liters, BigDecimal celsius) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO deliveries (dairy_id, farm_id, liters, celsius) VALUES (?, ?, ?, ?) RETURNING id")) {
            insert.setInt(1, dairy);
            insert.setInt(2, farm);
            insert.setBigDecimal(3, liters);
            insert.setBigDecimal(4, celsius);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void label(Connection connection, long id, String sample) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE deliveries SET sample = ? WHERE id = ?")) {
            update.setString(1, sample);
            update.setLong(2, id);
            update.executeUpdate();
        }
    }

    Map<String, Object> totals(int dairy) throws SQLException {
        try (Connection connection = database.getConnection();
             PreparedStatement select = connection.prepareStatement(
                     "SELECT deliveries, liters, warmest FROM dairy_totals WHERE dairy_id = ?")) {
            select.setInt(1, dairy);
            try (ResultSet row = select.executeQuery()) {
                Map<String, Object> totals = new LinkedHashMap<>();
                if (row.next()) {
                    totals.put("deliveries", row.getInt(1));
                    totals.put("liters", row.getBigDecimal(2));
                    totals.put("warmest", row.getBigDecimal(3));
                }
                return totals;
            }
        }
    }

    List<Delivery> ofFarm(int farm) throws SQLException {
        try (Connection connection = database.getConnection();
             PreparedStatement select = connection.prepareStatement("SELECT id, liters, celsius, sample FROM deliveries "
                     + "WHERE farm_id = ? ORDER BY taken_at DESC LIMIT 20")) {
            select.setInt(1, farm);
            List<Delivery> found = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    found.add(new Delivery(row.getLong(1), farm, row.getBigDecimal(2), row.getBigDecimal(3), row.getString(4)));
                }
            }
            return found;
        }
    }
}
