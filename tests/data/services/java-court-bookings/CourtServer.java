package courts;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.LocalDate;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;

/** Bookings of the courts of a sports association. */
public class CourtServer extends HttpServlet {

    record Wish(int member, String kind) {
    }

    private static final Gson GSON = new Gson();

    private final transient Bookings bookings;

    CourtServer(Bookings bookings) {
        this.bookings = bookings;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getRequestURI();
        if (path.equals("/alive")) {
            send(response, 200, Map.of("alive", true));
        } else if (path.matches("/clubs/\\d+/bookings")) {
            String on = request.getParameter("on");
            LocalDate day = on == null ? LocalDate.now() : LocalDate.parse(on);
            send(response, 200, bookings.ofDay(Integer.parseInt(path.split("/")[2]), day));
        } else {
            send(response, 404, Map.of("error", "not found"));
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = request.getRequestURI();
        if (!path.matches("/clubs/\\d+/bookings")) {
            send(response, 404, Map.of("error", "not found"));
            return;
        }
        try {
            Wish wish = GSON.fromJson(request.getReader(), Wish.class);
            Bookings.Booking made = bookings.bookNext(Integer.parseInt(path.split("/")[2]), wish.member(), wish.kind());
            send(response, made == null ? 409 : 201, made == null ? Map.of("error", "no court is free") : made);
        } catch (JsonParseException e) {
            send(response, 400, Map.of("error", "not a booking"));
        }
    }

    private static void send(HttpServletResponse response, int status, Object body) throws IOException {
        byte[] bytes = GSON.toJson(body).getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    public static void main(String[] args) throws IOException, LifecycleException {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("courts").toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.parseInt(System.getenv("PORT")));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "courts", new CourtServer(new Bookings(System.getenv("DATABASE_URL"))));
        context.addServletMappingDecoded("/*", "courts");
        tomcat.start();
        tomcat.getServer().await();
    }
}
