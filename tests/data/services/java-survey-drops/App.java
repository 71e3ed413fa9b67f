import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Set;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Takes in the filled questionnaires of the survey tablets. */
public class App {
    static class Drops extends HttpServlet {
        private static final Set<String> SURVEYS = Set.of("transit", "parks", "libraries");
        private final DropStore store;

        Drops(DropStore store) {
            this.store = store;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String survey = request.getPathInfo() == null ? "" : request.getPathInfo().substring(1);
            if (!SURVEYS.contains(survey)) {
                response.sendError(404);
                return;
            }
            String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String[] answers = body.split(";");
            if (answers.length > 200) {
                response.sendError(413);
                return;
            }
            long number = store.save(survey, answers);
            response.setStatus(201);
            response.setContentType("application/json");
            response.getWriter().printf("{\"drop\":%d,\"answers\":%d}%n", number, answers.length);
        }
    }

    static class Health extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print("ok");
        }
    }

    public static void main(String[] args) throws Exception {
        DropStore store = new DropStore(new File("drops"));
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
        Connector connector = new Connector();
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxThreads", "30");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "drops", new Drops(store));
        context.addServletMappingDecoded("/drops/*", "drops");
        Tomcat.addServlet(context, "health", new Health());
        context.addServletMappingDecoded("/healthz", "health");
        tomcat.start();
        tomcat.getServer().await();
    }
}
