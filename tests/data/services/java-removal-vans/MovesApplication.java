package moves;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/** Quotes and orders of a removal firm. */
@SpringBootApplication(proxyBeanMethods = false)
public class MovesApplication {

    @Bean
    DataSource dataSource() {
        URI url = URI.create(System.getenv("DATABASE_URL"));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setPoolName("moves");
        config.setMaximumPoolSize(4);
        return new HikariDataSource(config);
    }

    @Bean
    RestClient roads() {
        return RestClient.builder()
                .baseUrl("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"))
                .requestFactory(new JdkClientHttpRequestFactory())
                .build();
    }

    @RestController
    static class QuoteController {

        private final QuoteService quotes;

        QuoteController(QuoteService quotes) {
            this.quotes = quotes;
        }

        @GetMapping("/quotes")
        QuoteService.Quote quote(@RequestParam String from, @RequestParam String to,
                                 @RequestParam(defaultValue = "20") int cubicMeters,
                                 @RequestParam(required = false) LocalDate on) {
            return quotes.quote(from, to, cubicMeters, on == null ? LocalDate.now().plusDays(14) : on);
        }

        @PostMapping("/orders")
        ResponseEntity<Map<String, Object>> order(@RequestBody QuoteService.Order order) {
            return ResponseEntity.status(HttpStatus.CREATED).body(Map.of("order", quotes.order(order)));
        }

        @GetMapping("/vans/{van}/orders")
        List<Map<String, Object>> diary(@PathVariable int van) {
            return quotes.diary(van);
        }

        @GetMapping("/healthz")
        String health() {
            return "ok";
        }

        @ExceptionHandler(IllegalArgumentException.class)
        ResponseEntity<Map<String, String>> invalid(IllegalArgumentException e) {
            return ResponseEntity.badRequest().body(Map.of("error", e.getMessage()));
        }
    }

    public static void main(String[] args) {
        new SpringApplicationBuilder(MovesApplication.class)
                .bannerMode(Banner.Mode.OFF)
                .properties("server.port=" + System.getenv("PORT"), "server.address=127.0.0.1",
                        "spring.jmx.enabled=false", "logging.level.root=warn")
                .run(args);
    }
}
