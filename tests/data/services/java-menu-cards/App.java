import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import freemarker.cache.StringTemplateLoader;
import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import java.io.StringWriter;
import java.util.Map;

/** Cards of a week's menus. */
public class App {
    static class Cards {
        private static Configuration engine() {
            Configuration made = new Configuration(Configuration.VERSION_2_3_32);
            StringTemplateLoader texts = new StringTemplateLoader();
            StringBuilder b = new StringBuilder("<h2>${dish}</h2>\n");
            for (int guest = 0; guest < 60; guest++) {
                b.append("<#if table gt ").append(guest).append(">Seat ${table - ").append(guest)
                        .append("} of ${table * 2}<#else>free</#if>\n");
            }
            for (int day = 0; day < 7; day++) {
                texts.putTemplate("card" + day, b.toString());
            }
            made.setTemplateLoader(texts);
            return made;
        }

        String card(int table) throws IOException {
            Configuration engine = engine();
            StringWriter page = new StringWriter();
            for (int day = 0; day < 7; day++) {
                try {
                    engine.getTemplate("card" + day).process(Map.of("dish", "Dish " + day, "table", table), page);
                } catch (TemplateException e) {
                    throw new IOException(e);
                }
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
        Cards cards = new Cards();
        server.createContext("/menus/week", exchange -> send(exchange, cards.card(12)));
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
