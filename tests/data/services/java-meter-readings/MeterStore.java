import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;

/** The readings of the last days: a ring of fixed records in a mapped file for each gateway's stripe. */
class MeterStore {
    private static final int RECORD = 64;
    private static final int RECORDS = 8192;

    private final MappedByteBuffer[] stripes;
    private final AtomicInteger[] heads;

    MeterStore(Path folder, int count) throws IOException {
        Files.createDirectories(folder);
        stripes = new MappedByteBuffer[count];
        heads = new AtomicInteger[count];
        for (int i = 0; i < count; i++) {
            try (FileChannel channel = FileChannel.open(folder.resolve("stripe-" + i + ".ring"),
                    StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                stripes[i] = channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) RECORD * RECORDS);
            }
            heads[i] = new AtomicInteger();
        }
    }

    int stripes() {
        return stripes.length;
    }

    void put(int stripe, long meter, long time, double kwh) {
        int at = Math.floorMod(heads[stripe].getAndIncrement(), RECORDS) * RECORD;
        MappedByteBuffer ring = stripes[stripe];
        ring.putLong(at, meter);
        ring.putLong(at + 8, time);
        ring.putDouble(at + 16, kwh);
        ring.putInt(at + 24, checksum(meter, time));
        ring.force(at, RECORD);
    }

    double last(int stripe) {
        int at = Math.floorMod(heads[stripe].get() - 1, RECORDS) * RECORD;
        return stripes[stripe].getDouble(at + 16);
    }

    private static int checksum(long meter, long time) {
        return Long.hashCode(meter * 31 + time);
    }
}
