package leisure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** The baths of the district with the counters at their turnstiles. */
class Baths {

    record Bath(String id, String town, int lanes, int swimmersPerLane) {
        Map<String, Object> view() {
            Map<String, Object> view = new LinkedHashMap<>();
            view.put("id", id);
            view.put("town", town);
            view.put("lanes", lanes);
            view.put("capacity", lanes * swimmersPerLane);
            return view;
        }
    }

    record Gate(int inside, int clubLanes, double water) {
    }

    record Lanes(String bath, int open, int free, double room, double water) {
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] TOWNS = {"Aldbrook", "Marlow End", "Thornby", "Weston", "Ashford"};

    private final Map<String, List<Bath>> byTown = new TreeMap<>();
    private final HttpClient gates;

    Baths(String gateway) {
        gates = HttpClient.create(ConnectionProvider.builder("gates").maxConnections(200).build())
                .baseUrl(gateway)
                .responseTimeout(Duration.ofSeconds(3));
        for (int i = 0; i < 46; i++) {
            String town = TOWNS[i < 27 ? i % 3 : 3 + i % 2];
            Bath bath = new Bath("B" + (100 + i), town, 4 + i * 7 % 5, 3 + i % 3);
            byTown.computeIfAbsent(town, t -> new ArrayList<>()).add(bath);
        }
    }

    Map<String, Integer> towns() {
        Map<String, Integer> counts = new TreeMap<>();
        byTown.forEach((town, baths) -> counts.put(town, baths.size()));
        return counts;
    }

    Mono<Bath> bath(String id) {
        return Flux.fromIterable(byTown.values())
                .flatMapIterable(baths -> baths)
                .filter(bath -> bath.id().equals(id))
                .next();
    }

    /** The lanes of each bath in the town, those with most room first. */
    Mono<List<Lanes>> openLanes(String town) {
        return Mono.justOrEmpty(byTown.get(town))
                .switchIfEmpty(Mono.error(() -> new NoSuchElementException("no baths in " + town)))
                .flatMapMany(Flux::fromIterable)
                .concatMap(bath -> gate(bath).map(gate -> lanes(bath, gate)))
                .sort((a, b) -> Double.compare(b.room(), a.room()))
                .collectList();
    }

    private Mono<Gate> gate(Bath bath) {
        return gates.get()
                .uri("/gates/" + bath.id())
                .responseSingle((response, body) -> response.status().code() == 200
                        ? body.asByteArray().map(Baths::parse)
                        : Mono.just(new Gate(0, 0, 0)))
                .onErrorReturn(new Gate(0, 0, 0));
    }

    private static Gate parse(byte[] body) {
        try {
            JsonNode node = JSON.readTree(body);
            return new Gate(node.path("inside").asInt(), node.path("club_lanes").asInt(), node.path("water").asDouble());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Lanes lanes(Bath bath, Gate gate) {
        int open = Math.max(0, bath.lanes() - gate.clubLanes());
        int taken = (gate.inside() + bath.swimmersPerLane() - 1) / bath.swimmersPerLane();
        int free = Math.max(0, open - taken);
        double room = open == 0 ? 0 : Math.round(100.0 * free / open) / 100.0;
        return new Lanes(bath.id(), open, free, room, gate.water());
    }
}
