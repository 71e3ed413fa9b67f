package garden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Finds which branches around a customer have a product on the shelf. */
class StockFinder {

    record Branch(int id, String name, int x, int y, boolean open) {
        double distance(int px, int py) {
            return Math.hypot(px - x, py - y);
        }
    }

    record Level(int onHand, int reserved) {
        static final Level UNKNOWN = new Level(0, 0);

        int free() {
            return Math.max(0, onHand - reserved);
        }
    }

    record Shelf(int branch, String name, int distance, int free, String label) {
        static Shelf of(Branch branch, Level level, int px, int py) {
            int free = level.free();
            String label = level == Level.UNKNOWN ? "ask" : free == 0 ? "none" : free < 4 ? "few" : "plenty";
            return new Shelf(branch.id(), branch.name(), (int) branch.distance(px, py), free, label);
        }
    }

    /** Talks to the tills, which know what was sold a minute ago. */
    static class TillClient {
        private final HttpClient http;
        private final ObjectMapper json = new ObjectMapper();
        private final String base;

        TillClient(String base) {
            this.base = base;
            this.http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(1))
                    .build();
        }

        Level stock(Branch branch, String sku) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/branches/" + branch.id() + "/stock/" + sku))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            try {
                HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() != 200) {
                    return Level.UNKNOWN;
                }
                JsonNode node = json.readTree(response.body());
                return new Level(node.path("onHand").asInt(), node.path("reserved").asInt());
            } catch (IOException e) {
                return Level.UNKNOWN;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Level.UNKNOWN;
            }
        }
    }

    private static final int NEAREST = 8;

    private final List<Branch> branches;
    private final TillClient tills;
    private final Executor lookups;

    StockFinder(List<Branch> branches, TillClient tills, Executor lookups) {
        this.branches = branches;
        this.tills = tills;
        this.lookups = lookups;
    }

    List<Branch> around(int x, int y) {
        return branches.stream()
                .filter(Branch::open)
                .sorted(Comparator.comparingDouble((Branch b) -> b.distance(x, y)))
                .limit(NEAREST)
                .toList();
    }

    List<Shelf> nearby(String sku, int x, int y) {
        return around(x, y).stream()
                .map(branch -> CompletableFuture
                        .supplyAsync(() -> tills.stock(branch, sku), lookups)
                        .completeOnTimeout(Level.UNKNOWN, 2500, TimeUnit.MILLISECONDS)
                        .thenApply(level -> Shelf.of(branch, level, x, y)))
                .map(CompletableFuture::join)
                .sorted(Comparator.comparing(Shelf::distance))
                .toList();
    }

    Shelf at(int branchId, String sku) {
        return branches.stream()
                .filter(b -> b.id() == branchId)
                .findFirst()
                .map(b -> Shelf.of(b, tills.stock(b, sku), b.x(), b.y()))
                .orElse(null);
    }
}
