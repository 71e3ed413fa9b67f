import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;

/** Horse passports: the stud book's web front. */
public class App {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final PassportService passports;

    App(PassportService passports) {
        this.passports = passports;
    }

    /** Answers of a route; what it throws becomes a status. */
    interface Route {
        Object answer(HttpExchange ex, String[] path) throws Exception;
    }

    static class Refused extends RuntimeException {
        final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    static HttpHandler json(Route route) {
        return ex -> {
            int status = 200;
            Object answer;
            try {
                answer = route.answer(ex, ex.getRequestURI().getPath().split("/"));
            } catch (Refused e) {
                status = e.status;
                answer = JSON.createObjectNode().put("error", e.getMessage());
            } catch (Exception e) {
                status = 502;
                answer = JSON.createObjectNode().put("error", String.valueOf(e.getMessage()));
            }
            byte[] bytes = JSON.writeValueAsBytes(answer);
            ex.getResponseHeaders().set("Content-Type", "application/json");
            ex.sendResponseHeaders(status, bytes.length);
            try (OutputStream out = ex.getResponseBody()) {
                out.write(bytes);
            }
        };
    }

    Object passport(HttpExchange ex, String[] path) throws Exception {
        if (path.length < 3) {
            throw new Refused(404, "which horse?");
        }
        if (path.length > 3 && path[3].equals("transfer")) {
            return transfer(ex, path[2]);
        }
        PassportService.Passport found = passports.passport(path[2]);
        ObjectNode node = JSON.valueToTree(found);
        node.put("vaccinated", found.vaccinations().stream().anyMatch(v -> v.startsWith("influenza")));
        return node;
    }

    private Object transfer(HttpExchange ex, String chip) throws IOException {
        if (!ex.getRequestMethod().equals("POST")) {
            throw new Refused(405, "use POST");
        }
        JsonNode body = JSON.readTree(ex.getRequestBody());
        String owner = body.path("owner").asText();
        if (owner.isBlank()) {
            throw new Refused(422, "a new owner is needed");
        }
        passports.transfer(chip, owner);
        return JSON.createObjectNode().put("chip", chip).put("owner", owner);
    }

    Object breeds(HttpExchange ex, String[] path) {
        return List.of("Trakehner", "Friesian", "Haflinger", "Lipizzaner", "Connemara");
    }

    public static void main(String[] args) throws IOException {
        StudBook book = new StudBook("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        App app = new App(new PassportService(book));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 256);
        server.createContext("/healthz", json((ex, path) -> "ok"));
        server.createContext("/passports", json(app::passport));
        server.createContext("/breeds", json(app::breeds));
        server.setExecutor(Executors.newFixedThreadPool(32));
        server.start();
    }
}
