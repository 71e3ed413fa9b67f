package nursery;

import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** What happened to the beds of a house. */
class BedReports {

    record Summary(int bed, String label, String crop, int waterings, int inspections, int findings, String lastWatered) {
    }

    record Watering(String day, int liters) {
    }

    private static final String SUMMARIES = """
            SELECT b.id, b.label, b.crop,
                   count(DISTINCT w.id) AS waterings,
                   count(DISTINCT i.id) AS inspections,
                   count(DISTINCT i.id) FILTER (WHERE i.pests > 0) AS findings,
                   max(w.on_day) AS last_watered
              FROM beds b
              LEFT JOIN waterings w ON w.bed_id = b.id AND w.on_day BETWEEN ? AND ?
              LEFT JOIN inspections i ON i.bed_id = b.id AND i.on_day BETWEEN ? AND ?
             WHERE b.house_id = ?
             GROUP BY b.id, b.label, b.crop
             ORDER BY b.label
            """;

    private static final String WATERINGS = "SELECT on_day, liters FROM waterings WHERE bed_id = ? ORDER BY on_day DESC LIMIT 30";

    private final DataSource database;

    BedReports(DataSource database) {
        this.database = database;
    }

    List<Summary> summaries(int house, LocalDate from, LocalDate to) throws SQLException {
        try (Connection connection = database.getConnection();
             PreparedStatement select = connection.prepareStatement(SUMMARIES)) {
            select.setDate(1, Date.valueOf(from));
            select.setDate(2, Date.valueOf(to));
            select.setDate(3, Date.valueOf(from));
            select.setDate(4, Date.valueOf(to));
            select.setInt(5, house);
            List<Summary> summaries = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    summaries.add(new Summary(row.getInt("id"), row.getString("label"), row.getString("crop"),
                            row.getInt("waterings"), row.getInt("inspections"), row.getInt("findings"),
                            row.getString("last_watered")));
                }
            }
            return summaries;
        }
    }

    List<Watering> waterings(int bed) throws SQLException {
        try (Connection connection = database.getConnection();
             PreparedStatement select = connection.prepareStatement(WATERINGS)) {
            select.setInt(1, bed);
            List<Watering> waterings = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    waterings.add(new Watering(row.getString(1), row.getInt(2)));
                }
            }
            return waterings;
        }
    }

    boolean knowsHouse(int house) throws SQLException {
        try (Connection connection = database.getConnection();
             PreparedStatement select = connection.prepareStatement("SELECT 1 FROM houses WHERE id = ?")) {
            select.setInt(1, house);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }
}
