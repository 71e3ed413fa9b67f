import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Bids on the lots of a running auction, and the board that hangs in the hall. */
public class App extends Handler.Abstract {

    record Bid(String bidder, int step) {
    }

    private static final Gson GSON = new Gson();

    private final Auction auction;

    App(Auction auction) {
        this.auction = auction;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String[] path = Request.getPathInContext(request).substring(1).split("/");
        switch (path[0]) {
            case "healthz" -> send(response, callback, 200, "ok");
            case "board" -> send(response, callback, 200, auction.board().shown());
            case "lots" -> lots(request, response, callback, path);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void lots(Request request, Response response, Callback callback, String[] path) throws Exception {
        Lot lot = path.length > 1 ? auction.lot(path[1]) : null;
        if (lot == null) {
            send(response, callback, 404, Map.of("error", "no such lot"));
        } else if (path.length == 3 && path[2].equals("bids") && request.getMethod().equals("POST")) {
            try {
                Bid bid = GSON.fromJson(Content.Source.asString(request), Bid.class);
                send(response, callback, 201, lot.bid(bid.bidder(), Math.max(1, bid.step())));
            } catch (JsonSyntaxException e) {
                send(response, callback, 400, Map.of("error", e.getMessage()));
            }
        } else {
            send(response, callback, 200, lot.summary());
        }
    }

    private static void send(Response response, Callback callback, int status, Object value) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, ByteBuffer.wrap(GSON.toJson(value).getBytes(StandardCharsets.UTF_8)), callback);
    }

    public static void main(String[] args) throws Exception {
        Auction auction = new Auction(400);
        auction.open();
        Server server = new Server(new QueuedThreadPool(64, 8));
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(System.getenv("PORT")));
        server.addConnector(connector);
        server.setHandler(new App(auction));
        server.start();
        server.join();
    }
}
