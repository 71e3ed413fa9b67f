import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Arrivals for the displays at the tram stops. */
public class App extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final byte[][] MAP_TILES = new byte[150][];
    private static final Timetable TIMETABLE = new Timetable();
    private static final LongAdder SERVED = new LongAdder();
    private static final ExecutorService DISPLAY_POOL = Executors.newFixedThreadPool(48);

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        String path = request.uri();
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (path.startsWith("/arrivals/")) {
            DISPLAY_POOL.execute(() -> reply(ctx, arrivals(path.substring("/arrivals/".length())), keepAlive));
        } else {
            reply(ctx, "{\"served\":" + SERVED.sum() + "}", keepAlive);
        }
    }

    static String arrivals(String stop) {
        StringBuilder out = new StringBuilder("{\"stop\":\"" + stop + "\",\"arrivals\":[");
        List<Integer> minutes = TIMETABLE.next(stop, 480, 12);
        for (int minute : minutes) {
            out.append(String.format("\"%02d:%02d\",", minute / 60, minute % 60));
        }
        SERVED.increment();
        return out.append("\"end\"]}").toString();
    }

    static void reply(ChannelHandlerContext ctx, String body, boolean keepAlive) {
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK,
                Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        HttpUtil.setContentLength(response, response.content().readableBytes());
        HttpUtil.setKeepAlive(response, keepAlive);
        ctx.writeAndFlush(response).addListener(done -> {
            if (!keepAlive) {
                ctx.close();
            }
        });
    }

    static void saveCounter(FileChannel file) {
        try {
            file.write(ByteBuffer.wrap((SERVED.sum() + "\n").getBytes(StandardCharsets.US_ASCII)));
            file.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] args) throws Exception {
        for (int i = 0; i < MAP_TILES.length; i++) {
            MAP_TILES[i] = new byte[1 << 20];
        }
        TIMETABLE.replan(0);
        ScheduledExecutorService housekeeping = Executors.newScheduledThreadPool(4);
        housekeeping.scheduleAtFixedRate(() -> TIMETABLE.replan((int) SERVED.sum()), 2, 2, TimeUnit.SECONDS);
        FileChannel counter = FileChannel.open(Path.of("served.log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        housekeeping.scheduleAtFixedRate(() -> saveCounter(counter), 1000, 700, TimeUnit.MILLISECONDS);
        new ServerBootstrap().group(new NioEventLoopGroup(1), new NioEventLoopGroup(2))
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(65_536), new App());
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(System.getenv("PORT"))).sync().channel().closeFuture().sync();
    }
}
