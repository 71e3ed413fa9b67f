import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Manifests of trucks as the shippers send them, and what is on them by town. */
public class App {

    static class Manifests {
        private final Map<String, List<String>> byId = new ConcurrentHashMap<>();
        private final ManifestReader reader = new ManifestReader();

        void put(String id, String text) {
            byId.put(id, text.lines().filter(line -> !line.isBlank()).toList());
        }

        List<String> lines(String id) {
            return byId.get(id);
        }

        String summary(String id) {
            Map<String, double[]> towns = new TreeMap<>();
            int unread = 0;
            for (String line : lines(id)) {
                Consignment consignment = reader.read(line);
                if (consignment == null) {
                    unread++;
                    continue;
                }
                double[] sum = towns.computeIfAbsent(consignment.town(), town -> new double[2]);
                sum[0]++;
                sum[1] += consignment.kilos();
            }
            StringBuilder json = new StringBuilder("{\"manifest\":\"" + id + "\",\"unread\":" + unread + ",\"towns\":[");
            String comma = "";
            for (Map.Entry<String, double[]> town : towns.entrySet()) {
                json.append(comma).append(String.format(Locale.ROOT, "{\"town\":\"%s\",\"consignments\":%.0f,\"kilos\":%.1f}",
                        town.getKey(), town.getValue()[0], town.getValue()[1]));
                comma = ",";
            }
            return json.append("]}").toString();
        }
    }

    static class Api extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Manifests manifests;

        Api(Manifests manifests) {
            this.manifests = manifests;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            String[] path = new QueryStringDecoder(request.uri()).path().substring(1).split("/");
            if (!path[0].equals("manifests") || path.length < 2) {
                answer(ctx, request, HttpResponseStatus.NOT_FOUND, "{}");
            } else if (request.method().name().equals("PUT")) {
                manifests.put(path[1], request.content().toString(StandardCharsets.UTF_8));
                answer(ctx, request, HttpResponseStatus.NO_CONTENT, "");
            } else if (manifests.lines(path[1]) == null) {
                answer(ctx, request, HttpResponseStatus.NOT_FOUND, "{\"error\":\"no such manifest\"}");
            } else if (path.length == 3 && path[2].equals("towns")) {
                answer(ctx, request, HttpResponseStatus.OK, manifests.summary(path[1]));
            } else {
                answer(ctx, request, HttpResponseStatus.OK, "{\"lines\":" + manifests.lines(path[1]).size() + "}");
            }
        }

        static void answer(ChannelHandlerContext ctx, FullHttpRequest request, HttpResponseStatus status, String body) {
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
                    Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
            HttpUtil.setContentLength(response, response.content().readableBytes());
            HttpUtil.setKeepAlive(response, HttpUtil.isKeepAlive(request));
            ctx.writeAndFlush(response);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            System.err.println("request failed: " + cause);
            ctx.close();
        }
    }

    /** Answers the load balancer on the event loop itself. */
    static class Health extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            if (request.uri().equals("/healthz")) {
                Api.answer(ctx, request, HttpResponseStatus.OK, "\"ok\"");
            } else {
                ctx.fireChannelRead(request.retain());
            }
        }
    }

    /** The manifests of today's trucks, until the shippers' own arrive. */
    static void sample(Manifests manifests) {
        String[] firms = {"Hartmann Optik GmbH", "Brauerei Lutz KG", "Atelier Vogt", "Nordwerk Textil AG", "Delaware Tool & Die Inc."};
        String[] streets = {"Lindenallee 14", "Am Hafen 3", "Industriestr. 88 Halle 2", "Kirchgasse 1", "Route 9 Lot 40"};
        String[] towns = {"70435 Stuttgart", "20457 Hamburg", "04109 Leipzig", "50668 Koeln", "28195 Bremen", "90402 Nuernberg"};
        String[] goods = {"lens blanks", "hops", "canvas frames", "wool yarn", "drill chucks"};
        String[] remarks = {"keep dry", "ring twice", "gate B", "no pallet", "call ahead", "dock 4", "fragile", "insured", "tail lift",
                "two men", "before noon", "cash on delivery", "return crates", "no forklift"};
        for (int m = 1; m <= 6; m++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 80; i++) {
                int k = i * 7 + m;
                List<String> fields = new ArrayList<>(List.of(firms[k % 5], streets[(k + i) % 5], towns[k % 6], goods[k % 5],
                        1 + k % 3 + " pcs", String.format(Locale.ROOT, "%.1f %s", 4 + k % 90 * 0.7, i % 4 == 0 ? "kg" : "lb")));
                for (int r = 0; r < 3 + k % 7; r++) {
                    fields.add(remarks[(k + r) % remarks.length]);
                }
                text.append(String.join(";", fields)).append('\n');
            }
            manifests.put("T-" + m, text.toString());
        }
    }

    public static void main(String[] args) throws Exception {
        Manifests manifests = new Manifests();
        sample(manifests);
        EventLoopGroup acceptor = new NioEventLoopGroup(1);
        EventLoopGroup loops = new NioEventLoopGroup(2);
        EventExecutorGroup workers = new DefaultEventExecutorGroup(12);
        new ServerBootstrap().group(acceptor, loops).channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Health());
                        channel.pipeline().addLast(workers, new Api(manifests));
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(System.getenv("PORT"))).sync().channel().closeFuture().sync();
    }
}
