package plates;

import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import com.zaxxer.hikari.HikariDataSource;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.stereotype.Repository;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** A city archive's collection of glass negatives, leafed through by date. */
@SpringBootApplication
public class PlateArchive {

    record Plate(int id, String signature, String title, LocalDate takenOn, String photographer, String studio, String format,
                 String remarks) {
    }

    record Page(int page, int size, List<Plate> plates) {
    }

    record Period(int year, long plates) {
    }

    @Bean
    DataSource dataSource() {
        URI url = URI.create(System.getenv("DATABASE_URL"));
        HikariDataSource source = new HikariDataSource();
        source.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        source.setUsername(url.getUserInfo());
        source.setMaximumPoolSize(10);
        return source;
    }

    @Repository
    static class PlateRepository {
        private static final String PLATES = "SELECT g.id, g.signature, g.title, g.taken_on, p.name, p.studio,"
                + " g.width_mm || ' x ' || g.height_mm AS format, g.remarks FROM glass_plates g"
                + " JOIN photographers p ON p.id = g.photographer_id";
        private static final RowMapper<Plate> PLATE = (row, i) -> new Plate(row.getInt("id"), row.getString("signature"),
                row.getString("title"), row.getObject("taken_on", LocalDate.class), row.getString("name"),
                row.getString("studio"), row.getString("format"), row.getString("remarks"));
        private final JdbcTemplate jdbc;

        PlateRepository(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        List<Plate> page(int page, int size) {
            return jdbc.query(PLATES + " ORDER BY g.taken_on, g.id LIMIT ? OFFSET ?", PLATE, size, (page - 1) * size);
        }

        Optional<Plate> find(int id) {
            return jdbc.query(PLATES + " WHERE g.id = ?", PLATE, id).stream().findFirst();
        }

        List<Plate> by(int photographer, LocalDate from, LocalDate until) {
            return jdbc.query(PLATES + " WHERE g.photographer_id = ? AND g.taken_on >= ? AND g.taken_on < ?"
                    + " ORDER BY g.taken_on LIMIT 100", PLATE, photographer, from, until);
        }

        List<Period> periods(int from, int until) {
            return jdbc.query("SELECT extract(year FROM taken_on)::int AS year, count(*) AS plates FROM glass_plates"
                            + " WHERE taken_on >= make_date(?, 1, 1) AND taken_on < make_date(?, 1, 1) GROUP BY 1 ORDER BY 1",
                    (row, i) -> new Period(row.getInt(1), row.getLong(2)), from, until);
        }
    }

    @Service
    static class Catalogue {
        private static final int PAGE_SIZE = 25;
        private final PlateRepository plates;

        Catalogue(PlateRepository plates) {
            this.plates = plates;
        }

        Page page(int number) {
            int page = Math.max(1, number);
            return new Page(page, PAGE_SIZE, plates.page(page, PAGE_SIZE));
        }

        List<Plate> ofYear(int photographer, int year) {
            return plates.by(photographer, LocalDate.of(year, 1, 1), LocalDate.of(year + 1, 1, 1));
        }
    }

    @RestController
    static class PlateController {
        private final Catalogue catalogue;
        private final PlateRepository plates;

        PlateController(Catalogue catalogue, PlateRepository plates) {
            this.catalogue = catalogue;
            this.plates = plates;
        }

        @GetMapping("/healthz")
        String healthz() {
            return "ok";
        }

        @GetMapping("/plates")
        Page page(@RequestParam(defaultValue = "1") int page) {
            return catalogue.page(page);
        }

        @GetMapping("/plates/{id}")
        ResponseEntity<Plate> plate(@PathVariable int id) {
            return ResponseEntity.of(plates.find(id));
        }

        @GetMapping("/photographers/{id}/years/{year}")
        List<Plate> year(@PathVariable int id, @PathVariable int year) {
            return catalogue.ofYear(id, year);
        }

        @GetMapping("/periods")
        List<Period> periods(@RequestParam(defaultValue = "1890") int from, @RequestParam(defaultValue = "1895") int until) {
            return plates.periods(from, Math.min(until, from + 10));
        }
    }

    public static void main(String[] args) {
        new SpringApplicationBuilder(PlateArchive.class)
                .properties("server.address=127.0.0.1", "server.port=" + System.getenv("PORT"),
                        "spring.main.banner-mode=off", "spring.jmx.enabled=false", "logging.level.root=warn")
                .run(args);
    }
}
