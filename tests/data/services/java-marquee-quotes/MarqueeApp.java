import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** Marquee hire: quotes for weddings, fairs and school proms. */
public class MarqueeApp {
    private static final ObjectMapper JSON = new ObjectMapper();

    static void send(HttpServletResponse response, int status, Object body) throws IOException {
        response.setStatus(status);
        response.setContentType("application/json");
        byte[] bytes = JSON.writeValueAsBytes(body);
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    static class Quotes extends HttpServlet {
        private final transient QuoteService service;

        Quotes(QuoteService service) {
            this.service = service;
        }

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            QuoteService.Enquiry enquiry;
            try {
                enquiry = JSON.readValue(request.getInputStream().readAllBytes(), QuoteService.Enquiry.class);
            } catch (JsonProcessingException e) {
                send(response, 400, Map.of("error", "not an enquiry"));
                return;
            }
            if (enquiry.guests() < 10 || enquiry.guests() > 400 || enquiry.site() == null || enquiry.extras() == null) {
                send(response, 422, Map.of("error", "10 to 400 guests, a site and extras"));
                return;
            }
            send(response, 201, service.quote(enquiry));
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            send(response, 200, Map.of("open", service.openDrafts()));
        }
    }

    static class Tents extends HttpServlet {
        private final transient QuoteService service;

        Tents(QuoteService service) {
            this.service = service;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            send(response, 200, service.tents());
        }
    }

    static class Health extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            send(response, 200, "ok");
        }
    }

    public static void main(String[] args) throws Exception {
        QuoteService service = new QuoteService();
        Tomcat tomcat = new Tomcat();
        File base = Files.createTempDirectory("marquees").toFile();
        base.deleteOnExit();
        tomcat.setBaseDir(base.getPath());
        Connector connector = new Connector();
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        connector.setProperty("address", "127.0.0.1");
        connector.setProperty("maxThreads", "24");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", base.getPath());
        Tomcat.addServlet(context, "health", new Health());
        Tomcat.addServlet(context, "quotes", new Quotes(service));
        Tomcat.addServlet(context, "tents", new Tents(service));
        context.addServletMappingDecoded("/healthz", "health");
        context.addServletMappingDecoded("/quotes", "quotes");
        context.addServletMappingDecoded("/tents", "tents");
        tomcat.start();
        tomcat.getServer().await();
    }
}
