package waybills;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** Waybills of round timber: what a lorry carries, and whether it may drive with it. */
public final class Server {
    private static final Map<String, Integer> KILOGRAMS = Map.of("spruce", 470, "larch", 600, "beech", 720, "oak", 760);
    private static final int LORRY_KILOGRAMS = 25_000;

    private final Map<Integer, String> documents = new ConcurrentHashMap<>();
    private final WaybillReader reader = new WaybillReader();

    Server(String types) {
        String[] species = {"spruce", "larch", "beech", "oak"};
        for (int n = 2000; n < 2400; n++) {
            StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE waybill SYSTEM \"")
                    .append(types).append("/trade/waybill-2.dtd\">\n<waybill number=\"").append(n)
                    .append("\" dated=\"2026-10-").append(10 + n % 20).append("\"><haulier>Haulier ").append(n % 23)
                    .append("</haulier><from>Compartment ").append(n % 67).append("</from><to>Mill ").append(n % 5).append("</to>");
            for (int s = 0; s < 3; s++) {
                xml.append("<stack species=\"").append(species[(n + s) % 4]).append("\" grade=\"").append("ABCD".charAt(s)).append("\">");
                for (int l = 0; l < 24; l++) {
                    xml.append("<log cm=\"").append(400 + l % 3 * 50).append("\" dia=\"").append(22 + (n + l * 7) % 19).append("\"/>");
                }
                xml.append("</stack>");
            }
            documents.put(n, xml.append("</waybill>").toString());
        }
    }

    void waybills(HttpExchange ex) throws IOException {
        String[] path = ex.getRequestURI().getPath().split("/");
        int number = path.length > 2 && path[2].matches("\\d{1,6}") ? Integer.parseInt(path[2]) : -1;
        if (ex.getRequestMethod().equals("PUT") && number > 0) {
            documents.put(number, new String(ex.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            send(ex, 201, "application/json", "{\"waybill\":" + number + "}");
            return;
        }
        String document = documents.get(number);
        if (document == null) {
            send(ex, 404, "application/json", "{\"error\":\"no such waybill\"}");
        } else if (path.length > 3 && path[3].equals("load")) {
            try {
                send(ex, 200, "application/json", load(reader.read(document)));
            } catch (IOException e) {
                send(ex, 422, "application/json", "{\"error\":\"unreadable\"}");
            }
        } else {
            send(ex, 200, "application/xml", document);
        }
    }

    static String load(WaybillReader.Waybill waybill) {
        double kilograms = waybill.stacks().stream().mapToDouble(Server::weight).sum();
        String stacks = waybill.stacks().stream()
                .map(s -> String.format(Locale.ROOT, "{\"species\":\"%s\",\"grade\":\"%s\",\"logs\":%d,\"m3\":%.2f,\"kg\":%.0f}",
                        s.species(), s.grade(), s.logs(), s.cubicMetres(), weight(s)))
                .collect(Collectors.joining(","));
        return String.format(Locale.ROOT,
                "{\"waybill\":\"%s\",\"haulier\":\"%s\",\"to\":\"%s\",\"m3\":%.2f,\"kg\":%.0f,\"allowed\":%b,\"stacks\":[%s]}",
                waybill.number(), waybill.haulier(), waybill.to(), waybill.cubicMetres(), kilograms,
                kilograms <= LORRY_KILOGRAMS, stacks);
    }

    static double weight(WaybillReader.Stack stack) {
        return stack.cubicMetres() * KILOGRAMS.getOrDefault(stack.species(), 650) * (1 + stack.moisture() / 100.0);
    }

    static void send(HttpExchange ex, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ex.getResponseHeaders().set("Content-Type", type);
        ex.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = ex.getResponseBody()) {
            out.write(bytes);
        }
    }

    public static void main(String[] args) throws IOException {
        Server waybills = new Server("http://127.0.0.1:" + System.getenv("UPSTREAM_PORT"));
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, 200, "text/plain", "ok"));
        server.createContext("/waybills/", waybills::waybills);
        server.setExecutor(Executors.newFixedThreadPool(20));
        server.start();
    }
}
