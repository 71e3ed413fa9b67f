import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Makes parcel labels in ZPL, with the tracking number that the carrier gives out. */
class LabelPrinter {
    private final ExecutorService labelWorkers = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "label-worker");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final URI carrier;

    LabelPrinter(URI carrier) {
        this.carrier = carrier;
    }

    CompletableFuture<String> label(String parcel, String postcode) {
        return CompletableFuture.supplyAsync(() -> render(parcel, postcode), labelWorkers);
    }

    private String render(String parcel, String postcode) {
        String tracking = trackingNumber(parcel);
        StringBuilder zpl = new StringBuilder("^XA^CI28");
        zpl.append("^FO40,40^A0N,60,60^FD").append(postcode).append("^FS");
        zpl.append("^FO40,130^BY3^BCN,160,Y,N,N^FD").append(tracking).append("^FS");
        zpl.append("^FO40,340^A0N,30,30^FD").append(parcel).append("^FS");
        return zpl.append("^XZ").toString();
    }

    private String trackingNumber(String parcel) {
        HttpRequest request = HttpRequest.newBuilder(carrier.resolve("/tracking/" + parcel))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new CompletionException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        }
    }
}
