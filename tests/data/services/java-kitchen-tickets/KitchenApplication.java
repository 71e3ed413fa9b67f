package kitchen;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Orders from the tables to the kitchen. */
@SpringBootApplication
@EnableScheduling
public class KitchenApplication {

    public record OrderRequest(List<String> dishes, int guests) {
    }

    @RestController
    static class Tables {
        private final OrderBook book;
        private final PassBoard pass;

        Tables(OrderBook book, PassBoard pass) {
            this.book = book;
            this.pass = pass;
        }

        @PostMapping("/tables/{table}/orders")
        ResponseEntity<?> order(@PathVariable int table, @RequestBody OrderRequest request) {
            if (request.dishes() == null || request.dishes().isEmpty() || request.guests() < 1) {
                return ResponseEntity.unprocessableEntity().body(Map.of("error", "dishes and guests are needed"));
            }
            List<String> unknown = request.dishes().stream().filter(name -> !book.offers(name)).toList();
            if (!unknown.isEmpty()) {
                return ResponseEntity.unprocessableEntity().body(Map.of("error", "not on the card", "dishes", unknown));
            }
            return ResponseEntity.status(HttpStatus.CREATED).body(book.place(table, request.dishes(), request.guests()));
        }

        @GetMapping("/tables/{table}")
        Map<String, Object> table(@PathVariable int table) {
            return book.table(table);
        }

        @GetMapping("/card")
        List<OrderBook.Dish> card() {
            return book.card();
        }

        @GetMapping("/pass")
        Map<String, Object> pass() {
            return Map.of("waiting", pass.waiting(), "screen", pass.screen());
        }

        @GetMapping("/healthz")
        String health() {
            return "ok";
        }
    }

    public static void main(String[] args) {
        SpringApplication application = new SpringApplication(KitchenApplication.class);
        application.setDefaultProperties(Map.of(
                "server.address", "127.0.0.1",
                "server.port", System.getenv("PORT"),
                "spring.main.banner-mode", "off",
                "spring.jmx.enabled", "false"));
        application.run(args);
    }
}
