import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.TreeSet;

/** A GeoPackage with the finds of one trench, one layer for the points and one for the contexts. */
record FieldPackage(int layers, int features) {
    private static final int SRS = 25832;
    private static final String[] TABLES = {
        "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, srs_id INTEGER)",
        "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER)",
        "CREATE TABLE contexts (fid INTEGER PRIMARY KEY, number INTEGER, finds INTEGER)",
        "CREATE TABLE finds (fid INTEGER PRIMARY KEY, geom BLOB, number INTEGER, context INTEGER, material TEXT, depth REAL, note TEXT)",
    };

    static FieldPackage write(Path file, FindsServer.Trench trench) throws SQLException {
        try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            try (Statement statement = db.createStatement()) {
                for (String table : TABLES) {
                    statement.executeUpdate(table);
                }
                statement.executeUpdate("INSERT INTO gpkg_contents VALUES ('finds', 'features', '" + trench.site() + "', " + SRS + ")");
                statement.executeUpdate("INSERT INTO gpkg_geometry_columns VALUES ('finds', 'geom', 'POINT', " + SRS + ")");
            }
            writeContexts(db, trench.finds());
            writeFinds(db, trench.finds());
            return new FieldPackage(2, trench.finds().size());
        }
    }

    private static void writeContexts(Connection db, List<FindsServer.Find> finds) throws SQLException {
        TreeSet<Integer> numbers = new TreeSet<>();
        finds.forEach(f -> numbers.add(f.context()));
        try (PreparedStatement insert = db.prepareStatement("INSERT INTO contexts (number, finds) VALUES (?, ?)")) {
            for (int number : numbers) {
                insert.setInt(1, number);
                insert.setLong(2, finds.stream().filter(f -> f.context() == number).count());
                insert.executeUpdate();
            }
        }
    }

    private static void writeFinds(Connection db, List<FindsServer.Find> finds) throws SQLException {
        try (PreparedStatement insert = db.prepareStatement(
                "INSERT INTO finds (geom, number, context, material, depth, note) VALUES (?, ?, ?, ?, ?, ?)")) {
            for (FindsServer.Find find : finds) {
                insert.setBytes(1, point(find.east(), find.north()));
                insert.setInt(2, find.number());
                insert.setInt(3, find.context());
                insert.setString(4, find.material());
                insert.setDouble(5, find.depth());
                insert.setString(6, find.note());
                insert.executeUpdate();
            }
        }
    }

    /** The GeoPackage header and a well-known binary point. */
    private static byte[] point(double east, double north) {
        return ByteBuffer.allocate(8 + 21).order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 'G').put((byte) 'P').put((byte) 0).put((byte) 1).putInt(SRS)
                .put((byte) 1).putInt(1).putDouble(500_000 + east).putDouble(5_400_000 + north).array();
    }
}
