import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** Customs quotes for consignments. */
public class App {
    private final Map<String, List<Quote.Line>> consignments = new HashMap<>();

    App() {
        String[] goods = {"crème brûlée torches gas", "Pêche reels aluminium light", "work gloves leather grün",
            "señal lamps LED 12 volt", "façade anchors steel M8", "tool rolls canvas naïve"};
        String[] origins = {"NO", "CH", "TR", "JP", "KR", "CA", "BR", "US"};
        for (int c = 1; c <= 20; c++) {
            List<Quote.Line> lines = new ArrayList<>();
            for (int i = 0; i < 2200; i++) {
                lines.add(new Quote.Line(goods[(i + c) % goods.length] + " no " + i, String.valueOf(62_000_000 + i * 7919 % 30_000_000),
                        origins[i % origins.length], 1 + i * 31 % 400, 0.4 + i % 190 * 0.7,
                        (1200 + i * 17 % 90_000) + "." + (10 + i % 90),
                        "2025-" + String.format("%02d-%02d", 1 + i % 12, 1 + i % 28)));
            }
            consignments.put("C" + (300 + c), lines);
        }
    }

    String quote(List<Quote.Line> lines) {
        StringBuilder out = new StringBuilder("[");
        BigDecimal total = BigDecimal.ZERO;
        for (Quote.Line line : lines) {
            if (!Quote.validCode(line)) {
                continue;
            }
            List<String> chapters = Quote.chapters(line);
            BigDecimal duty = Quote.duty(line, chapters);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("title", Quote.title(line));
            fields.put("chapter", chapters.get(0));
            fields.put("duty", Quote.money(duty));
            fields.put("days", Quote.storageDays(line));
            fields.put("notice", Quote.notice(line));
            fields.put("seal", Quote.seal(line, duty));
            fields.put("boxes", Quote.packing(line));
            fields.put("search", Quote.words(line));
            fields.put("weight", Quote.weight(line));
            total = total.add(duty);
            if (out.length() < 60_000) {
                Quote.write(out, fields);
                out.append(',');
            }
        }
        return out.append("{\"total\":\"").append(Quote.money(total)).append("\"}]").toString();
    }

    void show(HttpExchange ex) throws IOException {
        List<Quote.Line> lines = consignments.get(ex.getRequestURI().getPath().substring("/quotes/".length()));
        if (lines == null) {
            send(ex, 404, "{\"error\":\"no such consignment\"}");
        } else {
            send(ex, 200, quote(lines));
        }
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", "application/json");
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 100);
        server.createContext("/healthz", ex -> send(ex, 200, "{\"up\":true}"));
        server.createContext("/quotes/", app::show);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
