import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;

/** Timetables of a chain of yoga studios: the classes of a week over all houses. */
public class YogaTimetable extends Handler.Abstract {

    public record Lesson(int id, String style, String teacher, String studio, LocalDateTime start, int minutes, int places,
                         int booked, String priceEuros, String text) {
    }

    static class Schedule {
        private static final String[] STYLES = {"hatha", "vinyasa", "yin", "ashtanga", "kundalini", "restorative"};
        private final List<Lesson> pattern = new ArrayList<>();

        Schedule(int lessons) {
            for (int id = 1; id <= lessons; id++) {
                pattern.add(new Lesson(id, STYLES[id % STYLES.length], "teacher" + id * 7 % 45, "Studio-" + id * 11 % 18,
                        LocalDate.of(2026, 1, 5).plusDays(id % 7).atTime(6 + id * 5 % 15, id % 4 * 15), 60 + id % 3 * 15, 12 + id % 9,
                        id * 13 % 20, (9 + id % 12) + "." + (id % 2 == 0 ? "50" : "00"),
                        "Bring a *mat* & a towel; see http://yoga.example/l/" + id + " for <details> on class no. " + id));
            }
        }

        List<Lesson> week(int week) {
            LocalDate monday = LocalDate.of(2026, 1, 8).with(IsoFields.WEEK_OF_WEEK_BASED_YEAR, week).with(DayOfWeek.MONDAY);
            return pattern.stream()
                    .map(l -> new Lesson(l.id(), l.style(), l.teacher(), l.studio(),
                            monday.plusDays(l.start().getDayOfWeek().getValue() - 1).atTime(l.start().toLocalTime()), l.minutes(),
                            l.places(), (l.booked() + week) % (l.places() + 4), l.priceEuros(), l.text()))
                    .toList();
        }
    }

    private final ObjectMapper mapper = new ObjectMapper();
    private final Schedule schedule = new Schedule(500);
    private final ZoneId zone = ZoneId.of("Europe/Vienna");

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        switch (Request.getPathInContext(request)) {
            case "/healthz" -> send(response, callback, 200, "\"ok\"");
            case "/timetable" -> timetable(request, response, callback);
            case "/studios" -> send(response, callback, 200, mapper.writeValueAsString(
                    schedule.week(1).stream().map(Lesson::studio).distinct().sorted().toList()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void timetable(Request request, Response response, Callback callback) throws Exception {
        Fields query = Request.extractQueryParameters(request);
        int week = Math.max(1, Math.min(53, Integer.parseInt(query.getValue("week"))));
        Locale locale = Locale.forLanguageTag(query.getValue("language") == null ? "en" : query.getValue("language"));
        List<ObjectNode> cards = new ArrayList<>();
        Presenter presenter = new Presenter(mapper, locale, zone);
        for (Lesson lesson : schedule.week(week)) {
            Presenter.Check check = presenter.check(lesson);
            if (check.usable()) {
                cards.add(presenter.card(lesson));
            }
        }
        cards.sort(Comparator.comparing((ObjectNode card) -> card.get("day").asText())
                .thenComparing(card -> card.get("from").asText())
                .thenComparing(card -> card.get("studio").asText().toLowerCase(locale)));
        Map<String, List<ObjectNode>> days = new LinkedHashMap<>();
        cards.forEach(card -> days.computeIfAbsent(card.get("day").asText(), day -> new ArrayList<>()).add(card));
        String json = mapper.writeValueAsString(Map.of("week", week, "days", days));
        response.getHeaders().put(HttpHeader.ETAG, presenter.etag(json));
        send(response, callback, 200, json);
    }

    private static void send(Response response, Callback callback, int status, String json) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, json, callback);
    }

    public static void main(String[] args) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        server.setHandler(new YogaTimetable());
        server.start();
        server.join();
    }
}
