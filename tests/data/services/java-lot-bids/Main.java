import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.util.Headers;
import io.undertow.util.PathTemplateMatch;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Auction room: lots, bids on them, and who leads. */
public class Main {

    record Bid(String bidder, long amount, String at) {}

    record Lot(int id, String title, long reserve, List<Bid> bids) {
        long leading() {
            return bids.isEmpty() ? 0 : bids.get(bids.size() - 1).amount();
        }

        long step() {
            long leading = leading();
            return leading < 1_000 ? 50 : leading < 20_000 ? 200 : 1_000;
        }

        Lot with(Bid bid) {
            List<Bid> kept = new ArrayList<>(bids.subList(Math.max(0, bids.size() - 99), bids.size()));
            kept.add(bid);
            return new Lot(id, title, reserve, List.copyOf(kept));
        }
    }

    record Offer(String bidder, Long amount) {}

    record Summary(int id, String title, long leading, boolean reserveMet, int bids) {}

    static class Refused extends RuntimeException {
        final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    /** Asks the credit desk how far a bidder may go. */
    static class CreditDesk {
        private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
        private final URI base;

        CreditDesk(URI base) {
            this.base = base;
        }

        long limitOf(String bidder) {
            HttpRequest request = HttpRequest.newBuilder(base.resolve("/limits/" + bidder)).timeout(Duration.ofSeconds(5)).build();
            try {
                HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new Refused(502, "credit desk: " + answer.statusCode());
                }
                return Long.parseLong(answer.body().trim());
            } catch (IOException e) {
                throw new Refused(502, "credit desk: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Refused(503, "stopping");
            }
        }
    }

    /** The lots of tonight's sale. */
    static class SaleRoom {
        private final ConcurrentMap<Integer, Lot> lots = new ConcurrentHashMap<>();
        private final CreditDesk credit;

        SaleRoom(CreditDesk credit) {
            this.credit = credit;
            String[] things = {"Longcase clock", "Oak chest", "Silver tankard", "Sea chart", "Brass sextant", "Persian runner"};
            for (int i = 1; i <= 180; i++) {
                lots.put(i, new Lot(i, things[i % things.length] + ", no. " + i, 400 + i * 37 % 5000, List.of()));
            }
        }

        Lot placeBid(int id, Offer offer) {
            return lots.compute(id, (key, lot) -> {
                if (lot == null) {
                    throw new Refused(404, "no lot " + key);
                }
                long amount = offer.amount() != null ? offer.amount() : lot.leading() + lot.step();
                if (amount < lot.leading() + lot.step()) {
                    throw new Refused(409, "at least " + (lot.leading() + lot.step()));
                }
                if (credit.limitOf(offer.bidder()) < amount) {
                    throw new Refused(402, "over the limit of " + offer.bidder());
                }
                return lot.with(new Bid(offer.bidder(), amount, Instant.now().toString()));
            });
        }

        Optional<Lot> lot(int id) {
            return Optional.ofNullable(lots.get(id));
        }

        List<Summary> catalogue() {
            return lots.values().stream().sorted(Comparator.comparingInt(Lot::id)).map(SaleRoom::summary).toList();
        }

        List<Summary> hottest(int count) {
            return lots.values().stream().sorted(Comparator.comparingInt((Lot l) -> -l.bids().size()).thenComparingInt(Lot::id))
                    .limit(count).map(SaleRoom::summary).toList();
        }

        static Summary summary(Lot lot) {
            return new Summary(lot.id(), lot.title(), lot.leading(), lot.leading() >= lot.reserve(), lot.bids().size());
        }
    }

    private static final Gson GSON = new Gson();

    private final SaleRoom room;

    Main(SaleRoom room) {
        this.room = room;
    }

    void bid(HttpServerExchange exchange) throws IOException {
        Offer offer = GSON.fromJson(new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8), Offer.class);
        if (offer == null || offer.bidder() == null || !offer.bidder().matches("[a-z0-9-]{2,40}")) {
            throw new Refused(400, "who bids?");
        }
        send(exchange, 201, SaleRoom.summary(room.placeBid(lotId(exchange), offer)));
    }

    void lot(HttpServerExchange exchange) {
        send(exchange, 200, room.lot(lotId(exchange)).orElseThrow(() -> new Refused(404, "no such lot")));
    }

    static int lotId(HttpServerExchange exchange) {
        try {
            return Integer.parseInt(exchange.getAttachment(PathTemplateMatch.ATTACHMENT_KEY).getParameters().get("id"));
        } catch (NumberFormatException e) {
            throw new Refused(404, "no such lot");
        }
    }

    static void send(HttpServerExchange exchange, int status, Object body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
        exchange.getResponseSender().send(GSON.toJson(body));
    }

    static HttpHandler answering(HttpHandler next) {
        return new BlockingHandler(exchange -> {
            try {
                next.handleRequest(exchange);
            } catch (Refused e) {
                send(exchange, e.status, Map.of("error", e.getMessage()));
            } catch (JsonSyntaxException e) {
                send(exchange, 400, Map.of("error", "not JSON"));
            }
        });
    }

    public static void main(String[] args) {
        SaleRoom room = new SaleRoom(new CreditDesk(URI.create("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"))));
        Main main = new Main(room);
        HttpHandler routes = Handlers.routing()
                .get("/health", exchange -> exchange.getResponseSender().send("ok"))
                .get("/lots", answering(exchange -> send(exchange, 200, room.catalogue())))
                .get("/lots/{id}", answering(main::lot))
                .post("/lots/{id}/bids", answering(main::bid))
                .get("/hottest", answering(exchange -> send(exchange, 200, room.hottest(10))));
        Undertow.builder()
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(32)
                .setHandler(routes)
                .build()
                .start();
    }
}
