import static spark.Spark.awaitInitialization;
import static spark.Spark.exception;
import static spark.Spark.get;
import static spark.Spark.halt;
import static spark.Spark.ipAddress;
import static spark.Spark.port;
import static spark.Spark.post;
import static spark.Spark.threadPool;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonSyntaxException;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;
import spark.Request;
import spark.Response;

/** The desk of a chain of opticians: finds customers, their glasses, and when they should come again. */
public class OpticianDesk {

    public record Customer(int id, String name, String email, String phone, int shopId) {}

    public record Glasses(int id, int customerId, String frame, String lens, int cents, String orderedOn) {}

    public record Found(Customer customer, List<Glasses> glasses, int spentCents, String advice) {}

    public record NewGlasses(Integer customer, String frame, String lens, Integer cents) {}

    /** The chain's customer file. */
    static class CustomerFile {
        private static final String COLUMNS = "c.id, c.name, c.email, c.phone, c.shop_id";
        private final Jdbi jdbi;

        CustomerFile(DataSource source) {
            jdbi = Jdbi.create(source);
            jdbi.registerRowMapper(ConstructorMapper.factory(Customer.class));
            jdbi.registerRowMapper(ConstructorMapper.factory(Glasses.class));
        }

        List<Customer> withEmail(String email) {
            return jdbi.withHandle(h -> h
                    .createQuery("SELECT " + COLUMNS + " FROM customers c WHERE lower(c.email) = lower(:email) AND c.left_on IS NULL ORDER BY c.id")
                    .bind("email", email.strip()).mapTo(Customer.class).list());
        }

        List<Customer> withPhone(String phone) {
            return jdbi.withHandle(h -> h
                    .createQuery("SELECT " + COLUMNS + " FROM customers c WHERE c.phone = :phone AND c.left_on IS NULL ORDER BY c.id")
                    .bind("phone", phone.replaceAll("[^0-9+]", "")).mapTo(Customer.class).list());
        }

        Optional<Customer> withId(int id) {
            return jdbi.withHandle(h -> h.createQuery("SELECT " + COLUMNS + " FROM customers c WHERE c.id = :id")
                    .bind("id", id).mapTo(Customer.class).findOne());
        }

        List<Glasses> glassesOf(List<Integer> customers) {
            if (customers.isEmpty()) {
                return List.of();
            }
            return jdbi.withHandle(h -> h
                    .createQuery("SELECT g.id, g.customer_id, g.frame, g.lens, g.cents, g.ordered_on::text AS ordered_on FROM glasses g "
                            + "WHERE g.customer_id IN (<customers>) ORDER BY g.ordered_on DESC")
                    .bindList("customers", customers).mapTo(Glasses.class).list());
        }

        int order(NewGlasses wanted) {
            return jdbi.inTransaction(h -> h
                    .createQuery("INSERT INTO glasses (customer_id, frame, lens, cents, ordered_on) "
                            + "VALUES (:customer, :frame, :lens, :cents, date '2025-11-03') RETURNING id")
                    .bind("customer", wanted.customer()).bind("frame", wanted.frame()).bind("lens", wanted.lens())
                    .bind("cents", wanted.cents()).mapTo(Integer.class).one());
        }

        List<Map<String, Object>> shops() {
            return jdbi.withHandle(h -> h.createQuery("SELECT id, town FROM shops ORDER BY town").mapToMap().list());
        }
    }

    private static final Gson GSON = new GsonBuilder().setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES).create();

    private final CustomerFile file;

    OpticianDesk(CustomerFile file) {
        this.file = file;
    }

    List<Found> search(Request request, Response response) {
        String email = request.queryParams("email");
        String phone = request.queryParams("phone");
        if (email == null && phone == null) {
            throw halt(400, "{\"error\":\"give an email or a phone\"}");
        }
        return found(email != null ? file.withEmail(email) : file.withPhone(phone));
    }

    private List<Found> found(List<Customer> customers) {
        List<Glasses> all = file.glassesOf(customers.stream().map(Customer::id).toList());
        List<Found> out = new ArrayList<>();
        for (Customer customer : customers) {
            List<Glasses> own = all.stream().filter(g -> g.customerId() == customer.id()).toList();
            out.add(new Found(customer, own, own.stream().mapToInt(Glasses::cents).sum(), advice(own)));
        }
        return out;
    }

    private static String advice(List<Glasses> own) {
        if (own.isEmpty()) {
            return "offer a test";
        }
        Glasses last = own.get(0);
        if (last.orderedOn().compareTo("2023-11-01") < 0) {
            return "test is due";
        }
        return last.lens().equals("varifocal") ? "ask how the varifocals do" : "nothing due";
    }

    Object customer(Request request, Response response) {
        Customer customer = file.withId(Integer.parseInt(request.params(":id"))).orElseThrow(() -> halt(404, "{\"error\":\"no such customer\"}"));
        return found(List.of(customer)).get(0);
    }

    Object order(Request request, Response response) {
        NewGlasses wanted = GSON.fromJson(request.body(), NewGlasses.class);
        if (wanted == null || wanted.customer() == null || wanted.frame() == null || wanted.lens() == null || wanted.cents() == null) {
            throw halt(422, "{\"error\":\"customer, frame, lens, cents\"}");
        }
        response.status(201);
        return Map.of("id", file.order(wanted));
    }

    static DataSource pool(URI database) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + database.getHost() + ":" + database.getPort() + database.getPath());
        config.setUsername(database.getUserInfo());
        config.setMaximumPoolSize(12);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) {
        OpticianDesk desk = new OpticianDesk(new CustomerFile(pool(URI.create(System.getenv("DATABASE_URL")))));
        ipAddress("127.0.0.1");
        port(Integer.parseInt(System.getenv("PORT")));
        threadPool(24, 8, 30_000);
        get("/ready", (request, response) -> "ready");
        get("/customers", "*/*", desk::search, GSON::toJson);
        get("/customers/:id", "*/*", desk::customer, GSON::toJson);
        get("/shops", "*/*", (request, response) -> desk.file.shops(), GSON::toJson);
        post("/glasses", "*/*", desk::order, GSON::toJson);
        exception(NumberFormatException.class, (e, request, response) -> response.status(400));
        exception(JsonSyntaxException.class, (e, request, response) -> response.status(400));
        awaitInitialization();
    }
}
