package herbs;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.annotation.Default;
import com.linecorp.armeria.server.annotation.ExceptionHandlerFunction;
import com.linecorp.armeria.server.annotation.Get;
import com.linecorp.armeria.server.annotation.Param;
import com.linecorp.armeria.server.annotation.ProducesJson;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Export papers of a trader in herbs: what a consignment is worth and what it owes. */
public class ExportServer {

    private final Herbs herbs;
    private final Tariffs tariffs;

    ExportServer(Herbs herbs, Tariffs tariffs) {
        this.herbs = herbs;
        this.tariffs = tariffs;
    }

    @Get("/consignments/{number}/dues")
    @ProducesJson
    public Map<String, Object> dues(@Param("number") int number, @Param("to") @Default("CH") String country) {
        Herbs.Consignment consignment = herbs.consignment(number);
        BigDecimal value = consignment.value();
        Tariffs.Tariff tariff = tariffs.tariff(consignment.mainHeading(), country);
        BigDecimal duty = value.multiply(tariff.percent()).movePointLeft(2)
                .add(tariff.perKilo().multiply(consignment.kilos()));
        Map<String, Object> dues = new LinkedHashMap<>();
        dues.put("consignment", number);
        dues.put("to", country);
        dues.put("heading", consignment.mainHeading());
        dues.put("value", value.setScale(2, RoundingMode.HALF_UP));
        dues.put("duty", duty.setScale(2, RoundingMode.HALF_UP));
        dues.put("papers", tariff.papers());
        dues.put("lines", consignment.lines().size());
        return dues;
    }

    @Get("/consignments/{number}")
    @ProducesJson
    public Herbs.Consignment consignment(@Param("number") int number) {
        return herbs.consignment(number);
    }

    @Get("/herbs")
    @ProducesJson
    public List<Herbs.Herb> herbs(@Param("under") @Default("40") BigDecimal price) {
        return herbs.cheaperThan(price);
    }

    static class Failures implements ExceptionHandlerFunction {
        @Override
        public HttpResponse handleException(ServiceRequestContext ctx, HttpRequest req, Throwable cause) {
            if (cause instanceof Herbs.Unknown) {
                return HttpResponse.of(HttpStatus.NOT_FOUND, MediaType.PLAIN_TEXT_UTF_8, cause.getMessage());
            }
            if (cause instanceof Tariffs.Unavailable) {
                return HttpResponse.of(HttpStatus.BAD_GATEWAY, MediaType.PLAIN_TEXT_UTF_8, cause.getMessage());
            }
            return ExceptionHandlerFunction.fallthrough();
        }
    }

    public static void main(String[] args) {
        Tariffs tariffs = new Tariffs("127.0.0.1", Integer.parseInt(System.getenv("UPSTREAM_PORT")));
        ExportServer service = new ExportServer(new Herbs(600), tariffs);
        Server server = Server.builder()
                .http(new java.net.InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))))
                .workerGroup(2)
                .service("/health", (ctx, request) -> HttpResponse.of("ok"))
                .annotatedService(service, new Failures())
                .build();
        server.closeOnJvmShutdown();
        server.start().join();
    }
}
