package allotments;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** The association's office: what a plot costs its tenant a year, and who has paid. */
@SpringBootApplication
public class AllotmentFees {

    record Plot(int number, int squareMeters, boolean hut, boolean water, String tenant) {
    }

    record Line(String what, BigDecimal amount) {
    }

    record FeeNote(int plot, int year, String tenant, List<Line> lines, BigDecimal total, boolean payableOnline) {
    }

    @Bean
    WebMvcConfigurer web(FeatureSwitches switches) {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new SwitchInterceptor(switches)).addPathPatterns("/plots/**");
            }
        };
    }

    /** All plots of the association. */
    @Service
    static class Plots {
        private final Map<Integer, Plot> plots = new ConcurrentHashMap<>();
        private final Map<String, BigDecimal> paid = new ConcurrentHashMap<>();

        Plots() {
            for (int number = 1; number <= 260; number++) {
                plots.put(number, new Plot(number, 180 + number * 37 % 220, number % 3 == 0, number % 4 != 0, "Tenant " + number));
            }
        }

        Plot get(int number) {
            return plots.get(number);
        }

        BigDecimal pay(int number, int year, BigDecimal amount) {
            return paid.merge(number + "/" + year, amount, BigDecimal::add);
        }

        BigDecimal paid(int number, int year) {
            return paid.getOrDefault(number + "/" + year, BigDecimal.ZERO);
        }
    }

    @Service
    static class FeeCalculator {
        private static final BigDecimal PER_METER = new BigDecimal("0.46");
        private static final BigDecimal MEMBERSHIP = new BigDecimal("38.00");

        FeeNote note(Plot plot, int year, Map<String, Boolean> switches) {
            List<Line> lines = new ArrayList<>();
            lines.add(new Line("membership", MEMBERSHIP));
            lines.add(new Line("ground", PER_METER.multiply(BigDecimal.valueOf(plot.squareMeters()))));
            if (plot.hut()) {
                lines.add(new Line("hut insurance", new BigDecimal("21.50")));
            }
            if (plot.water()) {
                lines.add(new Line("water", switches.getOrDefault("water-metering", false)
                        ? BigDecimal.ZERO : new BigDecimal("33.00")));
            }
            BigDecimal total = lines.stream().map(Line::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
            if (switches.getOrDefault("winter-discount", false)) {
                BigDecimal discount = total.multiply(new BigDecimal("0.03")).setScale(2, RoundingMode.HALF_UP).negate();
                lines.add(new Line("winter discount", discount));
                total = total.add(discount);
            }
            return new FeeNote(plot.number(), year, plot.tenant(), lines, total, switches.getOrDefault("online-payment", false));
        }
    }

    @RestController
    static class FeeController {
        private final Plots plots;
        private final FeeCalculator calculator;

        FeeController(Plots plots, FeeCalculator calculator) {
            this.plots = plots;
            this.calculator = calculator;
        }

        @GetMapping("/healthz")
        String healthz() {
            return "ok";
        }

        @GetMapping("/plots/{number}/fees")
        ResponseEntity<FeeNote> fees(@PathVariable int number, @RequestParam int year,
                                     @RequestAttribute("switches") Map<String, Boolean> switches) {
            Plot plot = plots.get(number);
            return plot == null ? ResponseEntity.notFound().build() : ResponseEntity.ok(calculator.note(plot, year, switches));
        }

        @GetMapping("/plots/{number}")
        ResponseEntity<Plot> plot(@PathVariable int number) {
            return ResponseEntity.ofNullable(plots.get(number));
        }

        @PostMapping("/plots/{number}/payments")
        Map<String, Object> pay(@PathVariable int number, @RequestParam int year, @RequestParam BigDecimal amount) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("plot", number);
            answer.put("paid", plots.pay(number, year, amount));
            return answer;
        }
    }

    public static void main(String[] args) {
        new SpringApplicationBuilder(AllotmentFees.class)
                .properties("server.address=127.0.0.1", "server.port=" + System.getenv("PORT"),
                        "switches.url=http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"),
                        "spring.main.banner-mode=off", "spring.jmx.enabled=false", "logging.level.root=warn")
                .run(args);
    }
}
