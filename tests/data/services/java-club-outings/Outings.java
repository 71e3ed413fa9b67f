import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.Table;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;

/** The log book of a rowing club: which boat went out when, and who sat in it. */
public class Outings {

    @Entity
    @Table(name = "boat")
    public static class Boat {
        @Id Integer id;
        String name;
        @Column(name = "class") String boatClass;
        @Column(name = "weight_kg") int weight;
    }

    @Entity
    @Table(name = "rower")
    public static class Rower {
        @Id Integer id;
        String name;
        int born;
    }

    @Entity
    @Table(name = "outing")
    public static class Outing {
        @Id Integer id;
        @Column(name = "rowed_on") LocalDate day;
        @Column(name = "left_at") LocalTime left;
        int meters;

        @ManyToOne(fetch = FetchType.LAZY)
        @JoinColumn(name = "boat_id")
        Boat boat;

        @OneToMany(mappedBy = "outing")
        @OrderBy("place")
        List<Seat> seats = new ArrayList<>();
    }

    @Entity
    @Table(name = "seat")
    public static class Seat {
        @Id Integer id;
        int place;

        @ManyToOne(fetch = FetchType.LAZY)
        @JoinColumn(name = "outing_id")
        Outing outing;

        @ManyToOne
        @JoinColumn(name = "rower_id")
        Rower rower;
    }

    public record OutingView(int id, String boat, String left, double km, List<String> crew, int youngest) {}

    public record DayView(String day, int outings, double km, List<OutingView> log) {}

    public record Distance(String rower, double km) {}

    /** Reads the log book. */
    static class LogBook {
        private final SessionFactory sessions;

        LogBook(SessionFactory sessions) {
            this.sessions = sessions;
        }

        DayView day(LocalDate day) {
            return sessions.fromSession(session -> {
                List<OutingView> log = session
                        .createSelectionQuery("from Outings$Outing o join fetch o.boat where o.day = :day order by o.left, o.id", Outing.class)
                        .setParameter("day", day)
                        .getResultList().stream().map(LogBook::view).toList();
                double km = log.stream().mapToDouble(OutingView::km).sum();
                return new DayView(day.toString(), log.size(), Math.round(km * 10) / 10.0, log);
            });
        }

        OutingView outing(int id) {
            return sessions.fromSession(session -> {
                Outing outing = session.find(Outing.class, id);
                return outing == null ? null : view(outing);
            });
        }

        List<Distance> furthest(LocalDate from, LocalDate to) {
            return sessions.fromSession(session -> session
                    .createSelectionQuery("select s.rower.name, sum(s.outing.meters) from Outings$Seat s "
                            + "where s.outing.day between :from and :to group by s.rower.name order by 2 desc, 1", Object[].class)
                    .setParameter("from", from).setParameter("to", to).setMaxResults(20)
                    .getResultList().stream().map(row -> new Distance((String) row[0], ((Number) row[1]).intValue() / 1000.0)).toList());
        }

        private static OutingView view(Outing outing) {
            List<String> crew = outing.seats.stream().map(s -> s.place + " " + s.rower.name).toList();
            int youngest = outing.seats.stream().mapToInt(s -> s.rower.born).max().orElse(0);
            return new OutingView(outing.id, outing.boat.name + " (" + outing.boat.boatClass + ")", outing.left.toString(),
                    outing.meters / 1000.0, crew, youngest);
        }
    }

    static class Pages extends HttpServlet {
        private static final ObjectMapper JSON = new ObjectMapper();
        private final transient LogBook book;

        Pages(LogBook book) {
            this.book = book;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            try {
                Object found = find(request.getServletPath(), request.getPathInfo(), request);
                if (found == null) {
                    response.sendError(404);
                    return;
                }
                response.setContentType("application/json");
                JSON.writeValue(response.getOutputStream(), found);
            } catch (DateTimeParseException | NumberFormatException e) {
                response.sendError(400, e.getMessage());
            }
        }

        private Object find(String place, String rest, HttpServletRequest request) {
            String key = rest == null ? "" : rest.substring(1);
            return switch (place) {
                case "/days" -> book.day(LocalDate.parse(key));
                case "/outings" -> book.outing(Integer.parseInt(key));
                case "/furthest" -> book.furthest(LocalDate.parse(request.getParameter("from")), LocalDate.parse(request.getParameter("to")));
                default -> "ok";
            };
        }
    }

    static SessionFactory sessions(URI database) {
        return new Configuration()
                .addAnnotatedClass(Boat.class).addAnnotatedClass(Rower.class).addAnnotatedClass(Outing.class).addAnnotatedClass(Seat.class)
                .setProperty("hibernate.connection.provider_class", "hikari")
                .setProperty("hibernate.connection.url", "jdbc:postgresql://" + database.getHost() + ":" + database.getPort() + database.getPath())
                .setProperty("hibernate.connection.username", database.getUserInfo())
                .setProperty("hibernate.hikari.maximumPoolSize", "12")
                .setProperty("hibernate.connection.autocommit", "true")
                .buildSessionFactory();
    }

    public static void main(String[] args) throws Exception {
        LogBook book = new LogBook(sessions(URI.create(System.getenv("DATABASE_URL"))));
        Server server = new Server(new QueuedThreadPool(24, 8));
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        ServletHolder pages = new ServletHolder(new Pages(book));
        for (String path : List.of("/days/*", "/outings/*", "/furthest", "/healthz")) {
            context.addServlet(pages, path);
        }
        server.setHandler(context);
        server.start();
        server.join();
    }
}
