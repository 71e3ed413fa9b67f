import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.io.StringWriter;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.resource.loader.StringResourceLoader;
import org.apache.velocity.runtime.resource.util.StringResourceRepository;

/** Notes for the crews of ferries, a text of its own for each quay. */
public class App {
    static class Notes {
        private final VelocityEngine engine = new VelocityEngine();

        Notes(int quays) {
            engine.setProperty("resource.loaders", "string");
            engine.setProperty("resource.loader.string.class", StringResourceLoader.class.getName());
            engine.setProperty("resource.loader.string.cache", true);
            engine.setProperty("resource.manager.cache.default_size", 30);
            engine.init();
            StringResourceRepository texts = StringResourceLoader.getRepository();
            for (int quay = 0; quay < quays; quay++) {
                texts.putStringResource("quay" + quay, text(quay));
            }
        }

        private static String text(int quay) {
            StringBuilder b = new StringBuilder("<h2>$name</h2>\n");
            for (int berth = 0; berth < 25; berth++) {
                b.append("#if($tide > ").append(berth * 7 + quay % 5).append(")Berth ").append(berth)
                        .append(": keep #set($m = $tide - ").append(berth).append(")$m cm off#else closed#end\n");
            }
            return b.toString();
        }

        String today(int quays, int tide) {
            StringWriter page = new StringWriter();
            for (int quay = 0; quay < quays; quay++) {
                VelocityContext values = new VelocityContext();
                values.put("name", "Quay " + quay);
                values.put("tide", tide);
                engine.getTemplate("quay" + quay).merge(values, page);
            }
            return page.toString();
        }
    }

    private static void send(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", exchange -> send(exchange, "ok"));
        Notes notes = new Notes(50);
        server.createContext("/notes/today", exchange -> send(exchange, notes.today(50, 90)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
