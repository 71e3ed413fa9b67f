import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** The boundaries of the parishes, kept packed; a parish of the grid has the number row * 16 + column. */
class Boundaries {
    static final int SIDE = 16;
    private static final int CORNERS = 900;

    record Boundary(int parish, double[] x, double[] y) {

        boolean contains(double px, double py) {
            boolean inside = false;
            for (int i = 0, j = x.length - 1; i < x.length; j = i++) {
                if (y[i] > py != y[j] > py && px < (x[j] - x[i]) * (py - y[i]) / (y[j] - y[i]) + x[i]) {
                    inside = !inside;
                }
            }
            return inside;
        }
    }

    /** Boundaries that were asked for lately. */
    static class BoundaryCache {
        private static final int MAX_ENTRIES = 64;
        private final Map<Integer, Boundary> entries = new ConcurrentHashMap<>();

        Boundary get(int parish, IntFunction<Boundary> loader) {
            Boundary known = entries.get(parish);
            if (known == null) {
                known = loader.apply(parish);
                if (entries.size() >= MAX_ENTRIES) {
                    entries.clear();
                }
                entries.put(parish, known);
            }
            return known;
        }

        int size() {
            return entries.size();
        }
    }

    private final byte[][] packed = new byte[SIDE * SIDE][];
    private final BoundaryCache cache = new BoundaryCache();

    Boundaries() throws IOException {
        for (int parish = 0; parish < packed.length; parish++) {
            packed[parish] = pack(parish);
        }
    }

    Boundary of(int parish) {
        return cache.get(parish, this::unpack);
    }

    int cached() {
        return cache.size();
    }

    private Boundary unpack(int parish) {
        try (DataInputStream in = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(packed[parish])))) {
            int corners = in.readInt();
            double[] x = new double[corners];
            double[] y = new double[corners];
            long lastX = 0;
            long lastY = 0;
            for (int i = 0; i < corners; i++) {
                lastX += in.readInt();
                lastY += in.readInt();
                x[i] = lastX / 1e6;
                y[i] = lastY / 1e6;
            }
            return new Boundary(parish, x, y);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] pack(int parish) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
            out.writeInt(CORNERS);
            double centerX = parish % SIDE + 0.5;
            double centerY = parish / SIDE + 0.5;
            long lastX = 0;
            long lastY = 0;
            for (int i = 0; i < CORNERS; i++) {
                double angle = 2 * Math.PI * i / CORNERS;
                double radius = 0.52 + 0.03 * Math.sin(angle * 9 + parish) + 0.01 * Math.sin(angle * 131);
                long x = Math.round((centerX + radius * Math.cos(angle)) * 1e6);
                long y = Math.round((centerY + radius * Math.sin(angle)) * 1e6);
                out.writeInt((int) (x - lastX));
                out.writeInt((int) (y - lastY));
                lastX = x;
                lastY = y;
            }
        }
        return bytes.toByteArray();
    }
}
