import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/** A coin dealer's appraisals: what a collection would bring at auction, lot by lot. */
public class CoinAppraisals {

    record Coin(String kind, int year, int grade, double grams) {
    }

    record Sale(int year, int grade, double euros) {
    }

    record Lot(String kind, int coins, double low, double likely, double high) {
    }

    record Appraisal(String reference, int collection, List<Lot> lots, double likely) {
    }

    /** Past auction results. */
    static class Prices {
        private final Map<String, List<Sale>> sales = new HashMap<>();

        Prices(List<String> kinds) {
            SplittableRandom random = new SplittableRandom(1792);
            for (String kind : kinds) {
                List<Sale> list = new ArrayList<>();
                double base = 20 + random.nextInt(400);
                for (int i = 0; i < 700; i++) {
                    int grade = 20 + random.nextInt(50);
                    list.add(new Sale(1750 + random.nextInt(190), grade, base * Math.pow(1.04, grade - 40) * (0.8 + random.nextDouble() * 0.4)));
                }
                sales.put(kind, list);
            }
        }

        /** Past results of coins like this one, brought to its grade. */
        double[] near(Coin coin) {
            List<Sale> alike = new ArrayList<>();
            for (Sale sale : sales.get(coin.kind())) {
                if (Math.abs(sale.year() - coin.year()) <= 40 && Math.abs(sale.grade() - coin.grade()) <= 30) {
                    alike.add(sale);
                }
            }
            alike.sort(Comparator.comparingInt((Sale sale) -> Math.abs(sale.grade() - coin.grade()))
                    .thenComparingInt(sale -> Math.abs(sale.year() - coin.year())));
            double[] results = new double[Math.min(48, alike.size())];
            for (int i = 0; i < results.length; i++) {
                results[i] = alike.get(i).euros() * Math.pow(1.04, coin.grade() - alike.get(i).grade());
            }
            return results;
        }

        static double mean(double[] results) {
            double sum = 0;
            for (double euros : results) {
                sum += euros;
            }
            return results.length == 0 ? 0 : sum / results.length;
        }
    }

    static class Collections {
        static final List<String> KINDS = List.of("thaler", "gulden", "ducat", "kreuzer", "florin", "heller", "crown", "groschen");
        private final Map<Integer, List<Coin>> byNumber = new HashMap<>();

        Collections(int count) {
            SplittableRandom random = new SplittableRandom(5);
            for (int number = 1; number <= count; number++) {
                List<Coin> coins = new ArrayList<>();
                int size = 120 + random.nextInt(60);
                for (int i = 0; i < size; i++) {
                    coins.add(new Coin(KINDS.get(random.nextInt(KINDS.size())), 1750 + random.nextInt(190), 20 + random.nextInt(50),
                            2 + random.nextDouble() * 26));
                }
                byNumber.put(number, coins);
            }
        }

        List<Coin> get(int number) {
            return byNumber.get(number);
        }
    }

    private final Collections collections = new Collections(150);
    private final Prices prices = new Prices(Collections.KINDS);
    private final AppraisalLog log = new AppraisalLog();

    void appraise(Context ctx) {
        int number = ctx.pathParamAsClass("number", Integer.class).get();
        List<Coin> coins = collections.get(number);
        if (coins == null) {
            throw new NotFoundResponse("no such collection");
        }
        String reference = UUID.randomUUID().toString();
        List<double[]> results = new ArrayList<>();
        List<Lot> lots = priced(grouped(coins), results);
        Appraisal appraisal = new Appraisal(reference, number, lots, Math.round(lots.stream().mapToDouble(Lot::likely).sum()));
        log.keep(new AppraisalLog.Basis(reference, number, System.currentTimeMillis(), results));
        ctx.status(201).json(appraisal);
    }

    void basis(Context ctx) {
        AppraisalLog.Basis basis = log.find(ctx.pathParam("reference"));
        if (basis == null) {
            throw new NotFoundResponse("no such appraisal");
        }
        ctx.json(Map.of("collection", basis.collection(), "at", basis.at(), "spread", basis.spread(), "results", basis.results()));
    }

    void sold(Context ctx) {
        log.close(ctx.pathParam("reference"));
        ctx.status(204);
    }

    private static Map<String, List<Coin>> grouped(List<Coin> coins) {
        Map<String, List<Coin>> groups = new HashMap<>();
        for (Coin coin : coins) {
            groups.computeIfAbsent(coin.kind(), kind -> new ArrayList<>()).add(coin);
        }
        return groups;
    }

    private List<Lot> priced(Map<String, List<Coin>> groups, List<double[]> results) {
        List<Lot> lots = new ArrayList<>();
        groups.forEach((kind, coins) -> {
            double likely = 0;
            for (Coin coin : coins) {
                double[] nearest = prices.near(coin);
                results.add(nearest);
                likely += Prices.mean(nearest);
            }
            double spread = 0.1 + 0.5 / Math.sqrt(coins.size());
            lots.add(new Lot(kind, coins.size(), Math.round(likely * (1 - spread)), Math.round(likely), Math.round(likely * (1 + spread))));
        });
        return lots;
    }

    void collection(Context ctx) {
        List<Coin> coins = collections.get(ctx.pathParamAsClass("number", Integer.class).get());
        if (coins == null) {
            throw new NotFoundResponse("no such collection");
        }
        ctx.json(coins);
    }

    public static void main(String[] args) {
        CoinAppraisals app = new CoinAppraisals();
        app.log.reviewEvery(400);
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .get("/collections/{number}", app::collection)
                .post("/collections/{number}/appraisal", app::appraise)
                .get("/appraisals/{reference}", app::basis)
                .delete("/appraisals/{reference}", app::sold)
                .get("/doubtful", ctx -> ctx.json(app.log.doubtful()))
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
