package licences;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.javalin.Javalin;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;

/** Dog licences of the towns: issue one, look one up by its chip, list the latest. */
public final class Main {

    private Main() {
    }

    /** Takes the fee at the county's till. */
    static final class Till {
        private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2)).build();
        private final ObjectMapper json = new ObjectMapper();
        private final URI fees;

        Till(String base) {
            fees = URI.create(base + "/fees");
        }

        String book(String reference, int pence) throws IOException {
            String body = json.writeValueAsString(Map.of("reference", reference, "pence", pence));
            HttpRequest request = HttpRequest.newBuilder(fees).timeout(Duration.ofSeconds(5))
                    .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
            try {
                HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() != 200) {
                    throw new IOException("till answered " + answer.statusCode());
                }
                return json.readTree(answer.body()).get("receipt").asText();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }

    static final class Web {
        private final Licences licences;

        Web(Licences licences) {
            this.licences = licences;
        }

        void issue(Context ctx) throws IOException {
            JsonNode asked = new ObjectMapper().readTree(ctx.body());
            for (String field : new String[] {"town", "keeper", "dog", "breed", "chip"}) {
                if (asked.path(field).asText().isBlank()) {
                    throw new BadRequestResponse(field + " is missing");
                }
            }
            String chip = asked.get("chip").asText();
            if (!chip.matches("\\d{15}")) {
                throw new BadRequestResponse("a chip has 15 digits");
            }
            ctx.status(201).json(licences.issue(asked.get("town").asText(), asked.get("keeper").asText(),
                    asked.get("dog").asText(), asked.get("breed").asText(), chip));
        }

        void byChip(Context ctx) {
            ctx.json(licences.byChip(ctx.pathParam("chip")));
        }

        void latest(Context ctx) {
            ctx.json(licences.latest(ctx.pathParam("town"), 25));
        }
    }

    static HikariDataSource database(URI url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
        config.setUsername(url.getUserInfo());
        config.setMaximumPoolSize(20);
        config.setMinimumIdle(10);
        return new HikariDataSource(config);
    }

    public static void main(String[] args) {
        Jdbi jdbi = Jdbi.create(database(URI.create(System.getenv("DATABASE_URL"))));
        Web web = new Web(new Licences(jdbi, new Till("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"))));
        Javalin.create(config -> config.showJavalinBanner = false)
                .get("/healthz", ctx -> ctx.result("ok"))
                .post("/licences", web::issue)
                .get("/chips/{chip}", web::byChip)
                .get("/towns/{town}/latest", web::latest)
                .exception(Licences.UnknownTown.class, (e, ctx) -> {
                    throw new NotFoundResponse("no town " + e.getMessage());
                })
                .start("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
    }
}
