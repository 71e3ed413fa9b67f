import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** Payslips of ship crews: shifts of a month become lines, lines become slips in the crew member's language. */
public class App {

    record Shift(LocalDate day, LocalTime from, int minutes, String duty, String harbour) {}

    record Member(int number, String name, String rank, Locale locale, ZoneId home, BigDecimal hourly, List<Shift> shifts) {}

    record Line(String id, String text, String when, BigDecimal amount, Map<String, String> tags) {}

    record Slip(Member member, List<Line> lines, BigDecimal gross, BigDecimal net) {}

    static class Crew {
        private static final String[] NAMES = {"Åse Lund", "João Prata", "Zoë Klein", "Émile Roux", "Nils Ödberg", "Mia O'Dell"};
        private static final String[] DUTIES = {"bridge watch", "engine watch", "galley", "deck / mooring", "cargo & lashing"};
        private static final Locale[] LOCALES = {Locale.UK, Locale.GERMANY, Locale.FRANCE, new Locale("nb", "NO"), Locale.ITALY};
        private static final String[] ZONES = {"Europe/Oslo", "Europe/Lisbon", "Asia/Manila", "America/Lima"};
        final Map<String, List<Member>> ships = new TreeMap<>();

        Crew() {
            Random random = new Random(88);
            for (String ship : List.of("alca", "fulmar", "gannet")) {
                List<Member> members = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    List<Shift> shifts = new ArrayList<>();
                    for (int d = 1; d <= 24; d++) {
                        shifts.add(new Shift(LocalDate.of(2024, 3, d), LocalTime.of(random.nextInt(24), 15 * random.nextInt(4)),
                                240 + 15 * random.nextInt(24), DUTIES[random.nextInt(DUTIES.length)], "H" + random.nextInt(40)));
                    }
                    members.add(new Member(1000 + i, NAMES[i % NAMES.length], i < 4 ? "officer" : "rating", LOCALES[i % LOCALES.length],
                            ZoneId.of(ZONES[i % ZONES.length]), BigDecimal.valueOf(1450 + i * 37L, 2), shifts));
                }
                ships.put(ship, members);
            }
        }
    }

    /** Rules of the agreement. */
    static class Pay {
        private static final BigDecimal NIGHT = new BigDecimal("1.25");
        private static final BigDecimal SUNDAY = new BigDecimal("1.50");
        private static final BigDecimal TAX = new BigDecimal("0.217");

        BigDecimal amount(Member member, Shift shift) {
            BigDecimal hours = BigDecimal.valueOf(Duration.ofMinutes(shift.minutes()).toMinutes())
                    .divide(BigDecimal.valueOf(60), 4, RoundingMode.HALF_EVEN);
            BigDecimal amount = member.hourly().multiply(hours);
            if (shift.from().getHour() >= 20 || shift.from().getHour() < 5) {
                amount = amount.multiply(NIGHT);
            }
            if (shift.day().getDayOfWeek() == DayOfWeek.SUNDAY) {
                amount = amount.multiply(SUNDAY);
            }
            return amount.setScale(2, RoundingMode.HALF_EVEN);
        }

        BigDecimal net(BigDecimal gross) {
            return gross.subtract(gross.multiply(TAX)).setScale(2, RoundingMode.HALF_EVEN);
        }
    }

    static class SlipWriter {
        private static final Pattern NOT_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
        private final Pay pay = new Pay();

        Slip slip(String ship, Member member) {
            NumberFormat money = NumberFormat.getCurrencyInstance(member.locale());
            List<Line> lines = member.shifts().stream().map(shift -> line(ship, member, shift, money))
                    .sorted(Comparator.comparing(Line::amount).reversed().thenComparing(Line::id)).toList();
            BigDecimal gross = lines.stream().map(Line::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
            return new Slip(member, lines, gross, pay.net(gross));
        }

        private Line line(String ship, Member member, Shift shift, NumberFormat money) {
            BigDecimal amount = pay.amount(member, shift);
            return new Line(identity(ship, member, shift), describe(member, shift), localTime(member, shift), amount,
                    tags(ship, member, shift, money.format(amount)));
        }

        private String identity(String ship, Member member, Shift shift) {
            String key = ship + "/" + member.number() + "/" + shift.day() + "T" + shift.from();
            return UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8)).toString();
        }

        private String describe(Member member, Shift shift) {
            String hours = String.format("%d:%02d", shift.minutes() / 60, shift.minutes() % 60);
            return MessageFormat.format("{0} ({1}, {2}, {3} h)", shift.duty(), shift.harbour(), member.rank(), hours);
        }

        private String localTime(Member member, Shift shift) {
            ZonedDateTime at = ZonedDateTime.of(shift.day(), shift.from(), ZoneId.of("UTC")).withZoneSameInstant(member.home());
            return at.format(DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT).withLocale(member.locale()));
        }

        private Map<String, String> tags(String ship, Member member, Shift shift, String shown) {
            Map<String, String> tags = new LinkedHashMap<>();
            tags.put("slug", NOT_WORD.matcher(shift.duty().toLowerCase(member.locale())).replaceAll("-"));
            tags.put("link", "/ships/" + ship + "/duties/" + URLEncoder.encode(shift.duty(), StandardCharsets.UTF_8));
            tags.put("shown", shown);
            return tags;
        }
    }

    static class Json {
        static String text(String value) {
            StringBuilder sb = new StringBuilder(value.length() + 10).append('"');
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c == '"' || c == '\\') {
                    sb.append('\\').append(c);
                } else if (c < 0x20 || c > 0x7e) {
                    sb.append("\\u").append(HexFormat.of().toHexDigits(c));
                } else {
                    sb.append(c);
                }
            }
            return sb.append('"').toString();
        }

        static String line(Line line) {
            String tags = line.tags().entrySet().stream().map(e -> text(e.getKey()) + ":" + text(e.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
            return "{\"id\":" + text(line.id()) + ",\"text\":" + text(line.text()) + ",\"when\":" + text(line.when())
                    + ",\"amount\":" + line.amount().toPlainString() + ",\"tags\":" + tags + "}";
        }

        static String slip(Slip slip) {
            return "{\"member\":" + slip.member().number() + ",\"name\":" + text(slip.member().name()) + ",\"gross\":" + slip.gross()
                    + ",\"net\":" + slip.net() + ",\"seal\":" + text(seal(slip)) + ",\"lines\":"
                    + slip.lines().stream().map(Json::line).collect(Collectors.joining(",", "[", "]")) + "}";
        }

        private static String seal(Slip slip) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                for (Line line : slip.lines()) {
                    digest.update((line.id() + line.amount()).getBytes(StandardCharsets.UTF_8));
                }
                return HexFormat.of().formatHex(digest.digest());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private final Crew crew = new Crew();
    private final SlipWriter writer = new SlipWriter();

    void ships(HttpExchange ex) throws IOException {
        String[] parts = ex.getRequestURI().getPath().split("/");
        List<Member> members = parts.length > 2 ? crew.ships.get(parts[2]) : null;
        if (members == null) {
            send(ex, 404, "{\"error\":\"no such ship\"}");
        } else if (parts.length > 3 && parts[3].equals("payslips")) {
            send(ex, 200, members.stream().map(m -> Json.slip(writer.slip(parts[2], m))).collect(Collectors.joining(",\n", "[", "]")));
        } else {
            send(ex, 200, members.stream().map(m -> Json.text(m.name())).collect(Collectors.joining(",", "[", "]")));
        }
    }

    static void send(HttpExchange ex, int status, String body) throws IOException {
        byte[] plain = body.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed) {{ def.setLevel(1); }}) {
            gzip.write(plain);
        }
        ex.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        ex.getResponseHeaders().set("Content-Encoding", "gzip");
        ex.sendResponseHeaders(status, packed.size());
        try (OutputStream out = ex.getResponseBody()) {
            packed.writeTo(out);
        }
    }

    public static void main(String[] args) throws IOException {
        App app = new App();
        HttpServer server = HttpServer.create(
                new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 128);
        server.createContext("/healthz", ex -> send(ex, 200, "\"ok\""));
        HttpContext ships = server.createContext("/ships/", app::ships);
        ships.getFilters().add(Filter.beforeHandler("request id", ex -> ex.getResponseHeaders().set("X-Request-Id",
                Base64.getUrlEncoder().encodeToString(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII)))));
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }
}
