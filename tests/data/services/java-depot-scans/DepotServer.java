import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.List;
import java.util.Map;

/** The depot's desk over HTTP; what takes a moment runs on the desk's own threads, beside Netty's. */
public class DepotServer {

    private static final ObjectMapper JSON = new ObjectMapper();

    static class Desk extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Depot depot;

        Desk(Depot depot) {
            this.depot = depot;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) throws JsonProcessingException {
            Object body = answer(new QueryStringDecoder(request.uri()).path());
            reply(ctx, request, body == null ? HttpResponseStatus.NOT_FOUND : HttpResponseStatus.OK,
                    body == null ? Map.of("error", "nothing here") : body);
        }

        private Object answer(String path) {
            String[] parts = path.substring(1).split("/");
            if (!parts[0].equals("trailers")) {
                return null;
            }
            if (parts.length == 1) {
                return depot.manifests().stream().map(m -> Map.of("trailer", m.trailer(), "from", m.from())).toList();
            }
            Depot.Manifest manifest = depot.manifest(parts[1]);
            if (manifest == null) {
                return null;
            }
            return switch (parts.length == 2 ? "" : parts[2]) {
                case "" -> Map.of("trailer", manifest.trailer(), "from", manifest.from(), "parcels", manifest.parcels().size());
                case "parcels" -> List.copyOf(manifest.parcels());
                case "check" -> depot.reconcile(manifest.trailer());
                case "pace" -> depot.pace(manifest.trailer());
                default -> null;
            };
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Answered at once, on Netty's own threads. */
    static class Health extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) throws JsonProcessingException {
            if (request.uri().equals("/healthz")) {
                reply(ctx, request, HttpResponseStatus.OK, Map.of("status", "ok"));
            } else {
                ctx.fireChannelRead(request.retain());
            }
        }
    }

    static void reply(ChannelHandlerContext ctx, FullHttpRequest request, HttpResponseStatus status, Object body)
            throws JsonProcessingException {
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
                Unpooled.wrappedBuffer(JSON.writeValueAsBytes(body)));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        HttpUtil.setContentLength(response, response.content().readableBytes());
        boolean keep = HttpUtil.isKeepAlive(request);
        HttpUtil.setKeepAlive(response, keep);
        var sent = ctx.writeAndFlush(response);
        if (!keep) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Depot depot = new Depot(24, 4200);
        var loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        EventExecutorGroup desk = new DefaultEventExecutorGroup(8);
        new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(65536), new Health())
                                .addLast(desk, new Desk(depot));
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(System.getenv("PORT")))
                .sync().channel().closeFuture().sync();
    }
}
