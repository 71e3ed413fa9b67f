import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

public class App {

    static class TileCache extends LinkedHashMap<Integer, double[]> {
        private static final int TILES = 64;

        TileCache() {
            super(TILES, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, double[]> eldest) {
            return size() > TILES;
        }
    }

    static class Atlas {
        private final Map<Integer, double[]> cache = new TileCache();

        double[] tile(int number) {
            synchronized (cache) {
                double[] known = cache.get(number);
                if (known != null) {
                    return known;
                }
            }
            double[] drawn = draw(number);
            synchronized (cache) {
                cache.put(number, drawn);
            }
            return drawn;
        }

        private double[] draw(int number) {
            double[] heights = new double[4096];
            for (int i = 0; i < heights.length; i++) {
                double x = number * 0.37 + (i & 63) / 64.0;
                double y = number * 0.11 + (i >> 6) / 64.0;
                double h = 0;
                for (int octave = 1; octave <= 8; octave++) {
                    h += Math.sin(x * octave * 3.1) * Math.cos(y * octave * 2.7) / octave;
                }
                heights[i] = h;
            }
            return heights;
        }
    }

    public static void main(String[] args) throws IOException {
        Atlas atlas = new Atlas();
        AtomicInteger walkers = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 64);
        server.createContext("/healthz", ex -> send(ex, "ok"));
        server.createContext("/walk", ex -> {
            int start = walkers.getAndAdd(60);
            double climbed = 0;
            for (int step = 0; step < 60; step++) {
                double[] tile = atlas.tile((start + step) % 240);
                climbed += Math.abs(tile[0] - tile[tile.length - 1]);
            }
            send(ex, "{\"climbed\":" + climbed + "}");
        });
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }

    static void send(HttpExchange ex, String body) throws IOException {
        byte[] bytes = body.getBytes();
        ex.sendResponseHeaders(200, bytes.length);
        ex.getResponseBody().write(bytes);
        ex.close();
    }
}
