import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.WriterInterceptor;
import jakarta.ws.rs.ext.WriterInterceptorContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.zip.GZIPOutputStream;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.server.ResourceConfig;

/** Monthly statements of a forwarder for its shippers. */
public class Statements {

    /** The records as the depots send them. */
    static class Archive {
        private final Map<String, List<String>> byShipper = new TreeMap<>();

        Archive(int shippers, int records) {
            String[] towns = {"Köln", "Växjö", "Zürs", "Breda", "Göteborg", "Sankt Pölten"};
            String[] countries = {"DE", "SE", "AT", "NL", "SE", "AT"};
            for (int s = 1; s <= shippers; s++) {
                Random random = new Random(s);
                List<String> list = new ArrayList<>();
                for (int i = 0; i < records; i++) {
                    int place = random.nextInt(6);
                    int number = random.nextInt(1_000_000);
                    String postcode = switch (countries[place]) {
                        case "DE" -> String.format("%05d", random.nextInt(99999));
                        case "NL" -> 1000 + random.nextInt(8999) + " AB";
                        case "SE" -> String.format("%03d %02d", 100 + random.nextInt(899), random.nextInt(99));
                        default -> String.valueOf(1000 + random.nextInt(8999));
                    };
                    list.add(String.format("%s-%d-%06d%c; Empfänger  %s %d GmbH & Co ; %s;%s;%s;%d;+4%d 30 %04d %04d", countries[place], 2025, number,
                            'A' + number % 26, towns[place], random.nextInt(5000), postcode, countries[place],
                            LocalDate.of(2025, 9, 1).plusDays(random.nextInt(30)), 5 + random.nextInt(1800), random.nextInt(10),
                            random.nextInt(10000), random.nextInt(10000)));
                }
                byShipper.put("S" + s, list);
            }
        }

        List<String> of(String shipper) {
            List<String> records = byShipper.get(shipper);
            if (records == null) {
                throw new NotFoundException();
            }
            return records;
        }
    }

    @Path("/")
    @Produces("application/json")
    public static class Shippers {
        private static final Archive ARCHIVE = new Archive(30, 480);
        private static final Stages STAGES = new Stages();
        private static final ObjectMapper MAPPER = new ObjectMapper()
                .registerModule(new SimpleModule().addSerializer(LocalDate.class, ToStringSerializer.instance))
                .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

        @GET
        @Path("ping")
        public String ping() {
            return "\"pong\"";
        }

        @GET
        @Path("shippers/{shipper}/statement")
        public ObjectNode statement(@PathParam("shipper") String shipper, @Context UriInfo uri) {
            List<Stages.Line> lines = Stages.sorted(STAGES.run(ARCHIVE.of(shipper)));
            ObjectNode body = MAPPER.createObjectNode().put("shipper", shipper).put("lines_total", lines.size());
            body.set("lines", Stages.masked(MAPPER.valueToTree(lines)));
            Stages.addLinks(body.get("lines"), uri.getBaseUri().toString());
            return body;
        }

        @GET
        @Path("shippers/{shipper}/weight")
        public Map<String, Integer> weight(@PathParam("shipper") String shipper, @QueryParam("country") String country) {
            int kilos = ARCHIVE.of(shipper).stream().map(Stages::parse)
                    .filter(l -> country == null || l.country.equals(country)).mapToInt(l -> l.kilos).sum();
            return Map.of("kilos", kilos);
        }
    }

    public static class Headers implements ContainerResponseFilter {
        @Override
        public void filter(ContainerRequestContext request, ContainerResponseContext response) {
            response.getHeaders().putSingle("X-Content-Type-Options", "nosniff");
            response.getHeaders().putSingle("Cache-Control", request.getUriInfo().getPath().equals("ping") ? "no-store" : "private, max-age=60");
        }
    }

    public static class Packing implements WriterInterceptor {
        @Override
        public void aroundWriteTo(WriterInterceptorContext context) throws IOException {
            OutputStream out = context.getOutputStream();
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            context.setOutputStream(plain);
            context.proceed();
            byte[] bytes = plain.toByteArray();
            context.getHeaders().putSingle("ETag", '"' + digest(bytes).substring(0, 20) + '"');
            if (bytes.length < 2048) {
                out.write(bytes);
                return;
            }
            context.getHeaders().putSingle("Content-Encoding", "gzip");
            GZIPOutputStream packed = new GZIPOutputStream(out);
            packed.write(bytes);
            packed.finish();
        }

        private static String digest(byte[] bytes) {
            try {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            } catch (NoSuchAlgorithmException e) {
                throw new WebApplicationException(e);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Logger.getLogger("org.glassfish").setLevel(Level.WARNING);
        ResourceConfig config = new ResourceConfig(Shippers.class, Headers.class, Packing.class, JacksonFeature.class);
        HttpServer server = GrizzlyHttpServerFactory.createHttpServer(URI.create("http://127.0.0.1:" + System.getenv("PORT") + "/"), config, false);
        server.start();
        Thread.currentThread().join();
    }
}
