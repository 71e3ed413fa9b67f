package licences;

import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The register of licences. The tags of a town run without a gap through the year. */
final class Licences {

    static final class UnknownTown extends RuntimeException {
        UnknownTown(String name) {
            super(name);
        }
    }

    record Town(int id, String name, int feePence) {
    }

    record Licence(String town, int year, int tag, String keeper, String dog, String breed, String chip, String receipt) {
    }

    private static final Map<String, Integer> SURCHARGE = Map.of("mastiff", 900, "wolfhound", 650);
    private static final String LICENCE = "SELECT t.name, l.year, l.tag, l.keeper, l.dog, l.breed, l.chip, l.receipt "
            + "FROM licences l JOIN towns t ON t.id = l.town_id ";

    private final Jdbi jdbi;
    private final Main.Till till;

    Licences(Jdbi jdbi, Main.Till till) {
        this.jdbi = jdbi;
        this.till = till;
    }

    Licence issue(String townName, String keeper, String dog, String breed, String chip) throws IOException {
        int year = LocalDate.now().getYear();
        return jdbi.inTransaction(handle -> {
            Town town = town(handle, townName);
            int tag = nextTag(handle, town, year);
            int fee = town.feePence() + SURCHARGE.getOrDefault(breed, 0);
            String receipt = till.book(town.name() + "/" + year + "/" + tag, fee);
            handle.createUpdate("INSERT INTO licences (town_id, year, tag, keeper, dog, breed, chip, fee_pence, receipt) "
                            + "VALUES (:town, :year, :tag, :keeper, :dog, :breed, :chip, :fee, :receipt)")
                    .bind("town", town.id()).bind("year", year).bind("tag", tag).bind("keeper", keeper).bind("dog", dog)
                    .bind("breed", breed).bind("chip", chip).bind("fee", fee).bind("receipt", receipt)
                    .execute();
            return new Licence(town.name(), year, tag, keeper, dog, breed, chip, receipt);
        });
    }

    private Town town(Handle handle, String name) {
        return handle.createQuery("SELECT id, name, fee_pence FROM towns WHERE name = :name").bind("name", name)
                .map((rs, ctx) -> new Town(rs.getInt(1), rs.getString(2), rs.getInt(3)))
                .findOne().orElseThrow(() -> new UnknownTown(name));
    }

    private int nextTag(Handle handle, Town town, int year) {
        return handle.createQuery("INSERT INTO tag_series (town_id, year, last_tag) VALUES (:town, :year, 1) "
                        + "ON CONFLICT (town_id, year) DO UPDATE SET last_tag = tag_series.last_tag + 1 RETURNING last_tag")
                .bind("town", town.id()).bind("year", year).mapTo(Integer.class).one();
    }

    List<Licence> byChip(String chip) {
        return jdbi.withHandle(handle -> licences(handle, LICENCE + "WHERE l.chip = :key ORDER BY l.issued_at DESC LIMIT 20", chip));
    }

    List<Licence> latest(String town, int limit) {
        return jdbi.withHandle(handle -> licences(handle,
                LICENCE + "WHERE t.name = :key ORDER BY l.issued_at DESC LIMIT " + limit, town));
    }

    private static List<Licence> licences(Handle handle, String sql, String key) {
        return handle.createQuery(sql).bind("key", key)
                .map((rs, ctx) -> new Licence(rs.getString(1), rs.getInt(2), rs.getInt(3), rs.getString(4), rs.getString(5),
                        rs.getString(6), rs.getString(7), rs.getString(8)))
                .list();
    }
}
