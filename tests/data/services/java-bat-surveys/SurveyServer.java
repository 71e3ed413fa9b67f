package bats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.threadpool.ThreadPoolConfig;

/** Bat surveys of a county: which bats were heard where, and when. */
public class SurveyServer extends HttpHandler {
    private final Archive archive;

    SurveyServer(Archive archive) {
        this.archive = archive;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        String path = request.getRequestURI();
        String[] parts = path.split("/");
        if (path.equals("/healthz")) {
            send(response, 200, "\"ok\"");
        } else if (path.equals("/sites")) {
            StringBuilder json = new StringBuilder("{");
            archive.sites().forEach((site, calls) ->
                    json.append(json.length() > 1 ? "," : "").append('"').append(site).append("\":").append(calls));
            send(response, 200, json.append('}').toString());
        } else if (parts.length == 4 && parts[1].equals("sites") && parts[2].matches("\\d{1,6}")) {
            site(Integer.parseInt(parts[2]), parts[3], response);
        } else {
            send(response, 404, "{\"error\":\"not found\"}");
        }
    }

    private void site(int site, String what, Response response) throws IOException {
        if (!archive.has(site)) {
            send(response, 404, "{\"error\":\"no such site\"}");
        } else if (what.equals("activity")) {
            send(response, 200, activityJson(archive.activity(site)));
        } else if (what.equals("last-night")) {
            send(response, 200, callsJson(archive.lastNight(site)));
        } else {
            send(response, 404, "{\"error\":\"not found\"}");
        }
    }

    private static String activityJson(List<Archive.Activity> rows) {
        StringBuilder json = new StringBuilder("[");
        for (Archive.Activity a : rows) {
            json.append(json.length() > 1 ? ",\n" : "").append(String.format(Locale.ROOT,
                    "{\"species\":\"%s\",\"hour\":%s,\"calls\":%d,\"khz\":%.1f,\"ms\":%.1f,\"loudest\":%.3f}",
                    a.species(), a.hour(), a.calls(), a.medianKhz(), a.medianMillis(), a.loudest()));
        }
        return json.append(']').toString();
    }

    private static String callsJson(List<Archive.Call> calls) {
        StringBuilder json = new StringBuilder("[");
        for (Archive.Call c : calls) {
            json.append(json.length() > 1 ? ",\n" : "").append("{\"at\":\"").append(c.at()).append("\",\"species\":\"")
                    .append(c.species()).append("\",\"khz\":").append(Math.round(c.peakKhz() * 10) / 10.0).append('}');
        }
        return json.append(']').toString();
    }

    private static void send(Response response, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    public static void main(String[] args) throws Exception {
        Archive archive = new Archive(32, 20_000);
        HttpServer server = new HttpServer();
        NetworkListener listener = new NetworkListener("surveys", "127.0.0.1", Integer.parseInt(System.getenv("PORT")));
        listener.getTransport().setWorkerThreadPoolConfig(
                ThreadPoolConfig.defaultConfig().setPoolName("survey").setCorePoolSize(12).setMaxPoolSize(12));
        server.addListener(listener);
        server.getServerConfiguration().addHttpHandler(new SurveyServer(archive), "/");
        server.start();
        Thread.currentThread().join();
    }
}
