import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Invoices with running numbers; the seal of each covers its number. */
class InvoiceBook {

    record Draft(String buyer, int lot, BigDecimal net, BigDecimal tax, BigDecimal gross) {
    }

    record Invoice(String number, String date, Draft content, String seal) {
    }

    private static final int KEPT = 500;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Invoice> issued = new ArrayDeque<>();
    private final TaxSeal tax;
    private int lastNumber;

    InvoiceBook(TaxSeal tax) {
        this.tax = tax;
    }

    Invoice issue(Draft draft) throws IOException, InterruptedException {
        lock.lock();
        try {
            LocalDate today = LocalDate.now();
            String number = "%d-%06d".formatted(today.getYear(), lastNumber + 1);
            String seal = tax.seal(number, draft.gross());
            Invoice invoice = new Invoice(number, today.toString(), draft, seal);
            lastNumber++;
            issued.addFirst(invoice);
            if (issued.size() > KEPT) {
                issued.removeLast();
            }
            return invoice;
        } finally {
            lock.unlock();
        }
    }

    List<Invoice> latest(int count) {
        lock.lock();
        try {
            return new ArrayList<>(issued).subList(0, Math.min(count, issued.size()));
        } finally {
            lock.unlock();
        }
    }
}

/** The tax office seals invoices. */
class TaxSeal {
    private static final Pattern SEAL = Pattern.compile("\"seal\"\\s*:\\s*\"([^\"]+)\"");
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();
    private final URI base;

    TaxSeal(String base) {
        this.base = URI.create(base);
    }

    String seal(String number, BigDecimal gross) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/seals")).timeout(Duration.ofSeconds(4))
                .POST(HttpRequest.BodyPublishers.ofString("{\"number\":\"" + number + "\",\"gross\":" + gross + "}")).build();
        String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher seal = SEAL.matcher(body);
        if (!seal.find()) {
            throw new IOException("no seal in " + body);
        }
        return seal.group(1);
    }
}
