package relief;

import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A square of the height model. */
record Tile(int column, int row, short[] heights) {

    boolean covers(double east, double north) {
        return column == TileStore.index(east) && row == TileStore.index(north);
    }

    int height(double east, double north) {
        double x = east / TileStore.CELL - column * (double) TileStore.SIDE;
        double y = north / TileStore.CELL - row * (double) TileStore.SIDE;
        int x0 = Math.min(TileStore.SIDE - 2, (int) x);
        int y0 = Math.min(TileStore.SIDE - 2, (int) y);
        double fx = Math.min(1, x - x0);
        double fy = Math.min(1, y - y0);
        double south = cell(x0, y0) * (1 - fx) + cell(x0 + 1, y0) * fx;
        double northern = cell(x0, y0 + 1) * (1 - fx) + cell(x0 + 1, y0 + 1) * fx;
        return (int) Math.round(south * (1 - fy) + northern * fy);
    }

    private short cell(int x, int y) {
        return heights[y * TileStore.SIDE + x];
    }

    int bytes() {
        return heights.length * Short.BYTES + 32;
    }
}

/** The tiles on disk, with those that were read lately in memory. */
class TileStore {
    static final int SIDE = 420;
    static final double CELL = 25;

    record Key(int column, int row) {
    }

    private final Path folder;
    private final LoadingCache<Key, Tile> tiles = CacheBuilder.newBuilder()
            .maximumWeight(20L << 20)
            .weigher((Key key, Tile tile) -> tile.bytes())
            .concurrencyLevel(64)
            .build(CacheLoader.from(this::read));

    TileStore(Path folder) {
        this.folder = folder;
    }

    static int index(double meters) {
        return (int) Math.floor(meters / (SIDE * CELL));
    }

    Tile tileAt(double east, double north) {
        return tiles.getUnchecked(new Key(index(east), index(north)));
    }

    private Tile read(Key key) {
        Path file = folder.resolve(key.column() + "-" + key.row() + ".hgt.gz");
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file), 8192)))) {
            short[] heights = new short[SIDE * SIDE];
            for (int i = 0; i < heights.length; i++) {
                heights[i] = in.readShort();
            }
            return new Tile(key.column(), key.row(), heights);
        } catch (IOException e) {
            throw new IllegalArgumentException("no tile " + key, e);
        }
    }
}

/** Makes the height model from the survey's formula. */
class Survey {
    static void write(Path folder, int columns, int rows) throws IOException {
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                ByteBuffer cells = ByteBuffer.allocate(TileStore.SIDE * TileStore.SIDE * Short.BYTES);
                for (int y = 0; y < TileStore.SIDE; y++) {
                    double north = Math.cos((row * TileStore.SIDE + y) / 270.0);
                    for (int x = 0; x < TileStore.SIDE; x++) {
                        cells.putShort(height(column * TileStore.SIDE + x, row * TileStore.SIDE + y, north));
                    }
                }
                Path file = folder.resolve(column + "-" + row + ".hgt.gz");
                try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16)) {
                    out.write(cells.array());
                }
            }
        }
    }

    private static short height(int x, int y, double north) {
        return (short) (1100 + 420 * north * (x % 620 - 310) / 310 + (x * 31 + y * 17) % 9);
    }
}
