import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The programme guide of a small radio: the week's broadcasts for its apps. */
public class GuideServer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BODY = "guide.body";

    /** Counts what is asked for by path and language. */
    static class Usage extends HttpFilter {
        private final transient Map<String, LongAdder> counts = new ConcurrentHashMap<>();

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            counts.computeIfAbsent(request.getRequestURI() + " " + request.getParameter("lang"), k -> new LongAdder()).increment();
            chain.doFilter(request, response);
        }
    }

    /** Writes what the servlet left, with its length, its tag and the signature that the apps check. */
    static class Writer extends HttpFilter {
        private final transient SecretKeySpec key = new SecretKeySpec("a7-guide-apps".getBytes(StandardCharsets.UTF_8), "HmacSHA256");

        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            chain.doFilter(request, response);
            JsonNode body = (JsonNode) request.getAttribute(BODY);
            if (body == null) {
                return;
            }
            byte[] bytes = JSON.writeValueAsBytes(body);
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(key);
                response.setHeader("X-Signature", HexFormat.of().formatHex(mac.doFinal(bytes)));
                byte[] tag = MessageDigest.getInstance("SHA-1").digest(bytes);
                response.setHeader("ETag", '"' + HexFormat.of().formatHex(tag, 0, 8) + '"');
            } catch (GeneralSecurityException e) {
                throw new ServletException(e);
            }
            response.setContentType("application/json");
            response.setContentLength(bytes.length);
            response.getOutputStream().write(bytes);
        }
    }

    /** The apps' older versions know neither uid nor sort keys: the schema is checked on the way out. */
    static class Schema extends HttpFilter {
        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            chain.doFilter(request, response);
            JsonNode body = (JsonNode) request.getAttribute(BODY);
            if (body != null) {
                JsonNode again = JSON.readTree(JSON.writeValueAsString(body));
                for (JsonNode day : again.path("days")) {
                    for (JsonNode one : day) {
                        if (!one.path("starts_at").isTextual() || !one.path("title").isTextual()) {
                            throw new ServletException("a broadcast without start or title: " + one.path("id"));
                        }
                    }
                }
                request.setAttribute(BODY, again);
            }
        }
    }

    static class Week extends HttpServlet {
        private final transient Programme programme;

        Week(Programme programme) {
            this.programme = programme;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String language = request.getParameter("lang");
            String zone = request.getParameter("zone");
            try {
                JsonNode days = programme.week(ZoneId.of(zone == null ? "Europe/Oslo" : zone),
                        Locale.forLanguageTag(language == null ? "nb" : language));
                request.setAttribute(BODY, JSON.createObjectNode().put("broadcasts", programme.size()).set("days", days));
            } catch (DateTimeException e) {
                response.sendError(400, "no such zone");
            }
        }
    }

    static class Health extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print("ok");
        }
    }

    public static void main(String[] args) throws Exception {
        Server server = new Server(new QueuedThreadPool(24, 8));
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(new Health()), "/healthz");
        context.addServlet(new ServletHolder(new Week(new Programme(280))), "/guide/week");
        for (HttpFilter filter : new HttpFilter[] {new Usage(), new Writer(), new Schema()}) {
            context.addFilter(new FilterHolder(filter), "/guide/*", EnumSet.of(DispatcherType.REQUEST));
        }
        server.setHandler(context);
        server.start();
        server.join();
    }
}
