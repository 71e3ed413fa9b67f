package spice;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

@SpringBootApplication
public class App {

    record Offer(String merchant, Object price) {
    }

    @Service
    static class OfferService {
        private static final List<String> MERCHANTS = List.of("amar", "brig", "cole", "dune", "eske", "fenn");
        private final RestTemplate rest = new RestTemplate();
        private final String base = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT");

        List<Offer> offers(String spice) {
            List<Offer> offers = new ArrayList<>();
            for (String merchant : MERCHANTS) {
                Map<?, ?> answer = rest.getForObject(base + "/" + merchant + "/" + spice, Map.class);
                offers.add(new Offer(merchant, answer.get("offer")));
            }
            return offers;
        }
    }

    @RestController
    static class OfferController {
        private final OfferService service;

        OfferController(OfferService service) {
            this.service = service;
        }

        @GetMapping("/offers/{spice}")
        List<Offer> offers(@PathVariable String spice) {
            return service.offers(spice);
        }

        @GetMapping("/healthz")
        String health() {
            return "ok";
        }
    }

    public static void main(String[] args) {
        new SpringApplicationBuilder(App.class)
                .properties("server.address=127.0.0.1", "server.port=" + System.getenv("PORT"))
                .run(args);
    }
}
