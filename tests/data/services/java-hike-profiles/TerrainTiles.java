import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Heights of the ground in square tiles, read from packed files. */
class TerrainTiles {
    static final int SIDE = 256;
    private static final long CACHE_KILOBYTES = 64 * 1024;

    record Tile(int x, int y, float[] heights) {
        int bytes() {
            return 16 + heights.length * Float.BYTES;
        }

        float at(int column, int row) {
            return heights[row * SIDE + column];
        }
    }

    private final Path folder;
    private final LoadingCache<String, Tile> tiles;

    TerrainTiles(Path folder) {
        this.folder = folder;
        this.tiles = CacheBuilder.newBuilder()
                .maximumWeight(CACHE_KILOBYTES)
                .weigher((String name, Tile tile) -> tile.bytes())
                .expireAfterAccess(Duration.ofHours(6))
                .build(CacheLoader.from(this::read));
    }

    float height(int x, int y) {
        Tile tile = tile(Math.floorDiv(x, SIDE), Math.floorDiv(y, SIDE));
        return tile.at(Math.floorMod(x, SIDE), Math.floorMod(y, SIDE));
    }

    Tile tile(int x, int y) {
        return tiles.getUnchecked(x + "_" + y);
    }

    private Tile read(String name) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(
                new InflaterInputStream(Files.newInputStream(folder.resolve(name + ".hgz"))), 16384))) {
            int x = in.readInt();
            int y = in.readInt();
            float[] heights = new float[SIDE * SIDE];
            int decimetres = 0;
            for (int i = 0; i < heights.length; i++) {
                decimetres += in.readShort();
                heights[i] = decimetres / 10f;
            }
            return new Tile(x, y, heights);
        } catch (IOException e) {
            throw new IllegalStateException("tile " + name, e);
        }
    }

    static void pack(Path folder, int columns, int rows) throws IOException {
        Files.createDirectories(folder);
        for (int x = 0; x < columns; x++) {
            for (int y = 0; y < rows; y++) {
                try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(
                        Files.newOutputStream(folder.resolve(x + "_" + y + ".hgz"))))) {
                    out.writeInt(x);
                    out.writeInt(y);
                    int last = 0;
                    for (int i = 0; i < SIDE * SIDE; i++) {
                        double east = x * SIDE + i % SIDE;
                        double north = y * SIDE + i / SIDE;
                        int decimetres = (int) (4200 + 1900 * Math.sin(east / 310) + 1400 * Math.cos(north / 270) + i * 31 % 11);
                        out.writeShort(decimetres - last);
                        last = decimetres;
                    }
                }
            }
        }
    }
}
