package barge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

@SpringBootApplication
public class App {

    @RestController
    static class Barges {
        private final ExecutorService calls = Executors.newFixedThreadPool(24);
        private final Cache<Integer, String> names = Caffeine.newBuilder().maximumSize(3).build();
        private final RestTemplate rest = new RestTemplate();
        private final String base = "http://127.0.0.1:" + System.getenv("UPSTREAM_PORT") + "/berth/";

        @GetMapping("/barges")
        List<String> barges() {
            List<CompletableFuture<String>> asked = IntStream.range(0, 3)
                    .mapToObj(n -> CompletableFuture.supplyAsync(() -> berth(n), calls))
                    .toList();
            return asked.stream().map(CompletableFuture::join).toList();
        }

        private String berth(int number) {
            String name = names.get(number, n -> "barge " + n);
            return name + " " + rest.getForObject(base + number, String.class);
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
