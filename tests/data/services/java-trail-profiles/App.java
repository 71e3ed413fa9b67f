package relief;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.http.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.DispatcherServletAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.ServletWebServerFactoryAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Height profiles of hiking trails. */
@SpringBootConfiguration
@ImportAutoConfiguration({ServletWebServerFactoryAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
        WebMvcAutoConfiguration.class, JacksonAutoConfiguration.class, HttpMessageConvertersAutoConfiguration.class})
@Import(App.Trails.class)
public class App {

    record Point(double east, double north) {
    }

    record Trail(String id, String name, List<Point> points) {
        double length() {
            double sum = 0;
            for (int i = 1; i < points.size(); i++) {
                sum += Math.hypot(points.get(i).east - points.get(i - 1).east, points.get(i).north - points.get(i - 1).north);
            }
            return sum;
        }

        /** The point that lies `along` meters from the start. */
        Point at(double along) {
            for (int i = 1; i < points.size(); i++) {
                Point a = points.get(i - 1);
                Point b = points.get(i);
                double leg = Math.hypot(b.east - a.east, b.north - a.north);
                if (along <= leg || i == points.size() - 1) {
                    double share = leg == 0 ? 0 : Math.min(1, along / leg);
                    return new Point(a.east + (b.east - a.east) * share, a.north + (b.north - a.north) * share);
                }
                along -= leg;
            }
            return points.get(0);
        }
    }

    record Profile(String trail, double meters, int climb, int descent, int highest, List<Integer> heights) {
    }

    @RestController
    static class Trails {
        private final Map<String, Trail> trails = new LinkedHashMap<>();
        private final TileStore tiles;

        Trails(TileStore tiles) {
            this.tiles = tiles;
            double side = TileStore.SIDE * TileStore.CELL;
            add("ridge", "Ridge way", List.of(new Point(0.4 * side, 0.3 * side), new Point(2.2 * side, 1.1 * side),
                    new Point(3.6 * side, 1.4 * side), new Point(4.7 * side, 2.8 * side)));
            add("lake", "Round the lake", List.of(new Point(1.1 * side, 4.2 * side), new Point(1.8 * side, 4.8 * side),
                    new Point(1.2 * side, 4.9 * side), new Point(1.1 * side, 4.2 * side)));
            add("traverse", "High traverse", List.of(new Point(0.2 * side, 4.7 * side), new Point(4.8 * side, 0.2 * side)));
        }

        private void add(String id, String name, List<Point> points) {
            trails.put(id, new Trail(id, name, points));
        }

        @GetMapping("/healthz")
        String healthz() {
            return "ok";
        }

        @GetMapping("/trails")
        List<Map<String, Object>> list() {
            return trails.values().stream().map(t -> Map.<String, Object>of("id", t.id(), "name", t.name(), "meters", t.length())).toList();
        }

        @GetMapping("/trails/{id}/profile")
        ResponseEntity<Profile> profile(@PathVariable String id, @RequestParam(defaultValue = "200") int samples) {
            Trail trail = trails.get(id);
            if (trail == null || samples < 2 || samples > 2000) {
                return ResponseEntity.notFound().build();
            }
            return ResponseEntity.ok(profile(trail, samples));
        }

        @GetMapping("/height")
        Map<String, Integer> height(@RequestParam double east, @RequestParam double north) {
            return Map.of("height", tiles.tileAt(east, north).height(east, north));
        }

        private Profile profile(Trail trail, int samples) {
            double meters = trail.length();
            List<Integer> heights = new ArrayList<>(samples);
            int climb = 0;
            int descent = 0;
            int highest = Integer.MIN_VALUE;
            Tile tile = null;
            for (int i = 0; i < samples; i++) {
                Point point = trail.at(meters * i / (samples - 1));
                if (tile == null || !tile.covers(point.east(), point.north())) {
                    tile = tiles.tileAt(point.east(), point.north());
                }
                int height = tile.height(point.east(), point.north());
                if (i > 0) {
                    int step = height - heights.get(i - 1);
                    climb += Math.max(0, step);
                    descent += Math.max(0, -step);
                }
                highest = Math.max(highest, height);
                heights.add(height);
            }
            return new Profile(trail.id(), Math.rint(meters), climb, descent, highest, heights);
        }
    }

    @Bean
    TileStore tileStore() throws IOException {
        Path folder = Path.of("tiles");
        if (!Files.exists(folder)) {
            Survey.write(Files.createDirectories(folder), 5, 5);
        }
        return new TileStore(folder);
    }

    public static void main(String[] args) {
        Properties defaults = new Properties();
        defaults.setProperty("server.port", System.getenv("PORT"));
        defaults.setProperty("server.address", "127.0.0.1");
        defaults.setProperty("spring.main.banner-mode", "off");
        defaults.setProperty("logging.level.root", "warn");
        SpringApplication application = new SpringApplication(App.class);
        application.setDefaultProperties(defaults);
        application.run(args);
    }
}
