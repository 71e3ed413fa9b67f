import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Serves the ledger of the grain store. */
public class GrainApp {

    static final Gson GSON = new GsonBuilder()
            .registerTypeAdapter(LocalDate.class, (JsonSerializer<LocalDate>) (day, type, ctx) -> new JsonPrimitive(day.toString()))
            .create();

    static class SeasonServlet extends HttpServlet {
        private final transient Ledger ledger;

        SeasonServlet(Ledger ledger) {
            this.ledger = ledger;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String[] parts = String.valueOf(request.getPathInfo()).split("/");
            if (parts.length != 3 || !parts[1].matches("\\d{4}")) {
                response.sendError(404);
                return;
            }
            int year = Integer.parseInt(parts[1]);
            Object body = switch (parts[2]) {
                case "settlement" -> top(ledger.settlement(year), request.getParameter("top"));
                case "latest" -> ledger.latest(year, 25);
                case "size" -> Map.of("year", year, "deliveries", ledger.season(year).size());
                default -> null;
            };
            if (body == null) {
                response.sendError(404);
                return;
            }
            response.setContentType("application/json");
            response.getWriter().write(GSON.toJson(body));
        }

        private static List<Map<String, Object>> top(List<Map<String, Object>> lines, String count) {
            return count == null ? lines : lines.subList(0, Math.min(lines.size(), Integer.parseInt(count)));
        }
    }

    static class HealthServlet extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().write("ok");
        }
    }

    public static void main(String[] args) throws Exception {
        Ledger ledger = new Ledger(1967, 60, 6_000);
        File base = Files.createTempDirectory("grain").toFile();
        base.deleteOnExit();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.getPath());
        Connector connector = new Connector();
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxThreads", "16");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", base.getPath());
        Tomcat.addServlet(context, "seasons", new SeasonServlet(ledger));
        context.addServletMappingDecoded("/seasons/*", "seasons");
        Tomcat.addServlet(context, "health", new HealthServlet());
        context.addServletMappingDecoded("/health", "health");
        tomcat.start();
        tomcat.getServer().await();
    }
}
