import com.google.gson.Gson;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

/** A forest owner sells stacked timber by the lot and writes the invoices. */
public class TimberLots extends Handler.Abstract {
    private static final Gson GSON = new Gson();
    private static final BigDecimal VAT = new BigDecimal("0.13");

    record Stack(String species, String quality, BigDecimal cubicMeters, BigDecimal pricePerMeter) {
        BigDecimal value() {
            return cubicMeters.multiply(pricePerMeter);
        }
    }

    record Lot(int number, String place, List<Stack> stacks) {
        BigDecimal net() {
            return stacks.stream().map(Stack::value).reduce(BigDecimal.ZERO, BigDecimal::add).setScale(2, RoundingMode.HALF_UP);
        }
    }

    private final Map<Integer, Lot> lots = new LinkedHashMap<>();
    private final InvoiceBook book;

    TimberLots(InvoiceBook book) {
        this.book = book;
        String[] species = {"spruce", "larch", "beech", "oak", "pine"};
        for (int number = 1; number <= 80; number++) {
            List<Stack> stacks = new ArrayList<>();
            for (int i = 0; i < 3 + number % 5; i++) {
                stacks.add(new Stack(species[(number + i) % species.length], i % 3 == 0 ? "B" : "C",
                        BigDecimal.valueOf(400 + number * 61L * (i + 1) % 3000, 2), BigDecimal.valueOf(62 + (number + i) * 7 % 70)));
            }
            lots.put(number, new Lot(number, "stand " + (number % 17), stacks));
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        switch (request.getMethod() + " " + path) {
            case "GET /healthz" -> send(response, callback, 200, "ok");
            case "GET /lots" -> send(response, callback, 200, lots.values());
            case "GET /invoices" -> send(response, callback, 200, book.latest(20));
            case "POST /invoices" -> invoice(request, response, callback);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void invoice(Request request, Response response, Callback callback) throws Exception {
        Fields query = Request.extractQueryParameters(request);
        Lot lot = lots.get(Integer.parseInt(query.getValue("lot")));
        if (lot == null) {
            send(response, callback, 404, Map.of("error", "no such lot"));
            return;
        }
        BigDecimal net = lot.net();
        BigDecimal tax = net.multiply(VAT).setScale(2, RoundingMode.HALF_UP);
        InvoiceBook.Draft draft = new InvoiceBook.Draft(query.getValue("buyer"), lot.number(), net, tax, net.add(tax));
        send(response, callback, 201, book.issue(draft));
    }

    private static void send(Response response, Callback callback, int status, Object body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, GSON.toJson(body), callback);
    }

    public static void main(String[] args) throws Exception {
        InvoiceBook book = new InvoiceBook(new TaxSeal("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT")));
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        server.setHandler(new TimberLots(book));
        server.start();
        server.join();
    }
}
