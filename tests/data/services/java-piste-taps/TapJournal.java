package piste;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/** One ring of fixed records for each gate, kept in a mapped file. */
class TapJournal {

    private static final int HEAD = 4096;
    private static final int RECORD = 32;
    private static final int RECORDS = 1 << 16;
    private static final String[] KINDS = {"day", "season", "staff", "child", "other"};

    private final Path folder;
    private final Map<String, Segment> segments = new ConcurrentHashMap<>();

    TapJournal(Path folder) {
        this.folder = folder;
    }

    static int kind(String name) {
        for (int i = 0; i < KINDS.length; i++) {
            if (KINDS[i].equals(name)) {
                return i;
            }
        }
        return KINDS.length - 1;
    }

    Segment open(String gate) throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve(gate + ".taps"),
                StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, HEAD + (long) RECORD * RECORDS);
            Segment segment = new Segment(map);
            segments.put(gate, segment);
            return segment;
        }
    }

    Segment of(String gate) {
        Segment segment = segments.get(gate);
        if (segment == null) {
            throw new NoSuchElementException("no gate " + gate);
        }
        return segment;
    }

    static class Segment {
        private final MappedByteBuffer map;
        private final AtomicLong next = new AtomicLong();

        Segment(MappedByteBuffer map) {
            this.map = map;
            next.set(map.getLong(0));
        }

        private static int offset(long number) {
            return HEAD + (int) (number % RECORDS) * RECORD;
        }

        /** Stores a tap and returns its number; what is stored survives a loss of power at the gate house. */
        long append(long pass, long at, int lane, int kind) {
            long number = next.getAndIncrement();
            int offset = offset(number);
            map.putLong(offset, pass);
            map.putLong(offset + 8, at);
            map.putInt(offset + 16, lane);
            map.putInt(offset + 20, kind);
            map.putLong(offset + 24, checksum(pass, at, lane * 16 + kind));
            map.force(offset, RECORD);
            map.putLong(0, Math.max(map.getLong(0), number + 1));
            map.force(0, Long.BYTES);
            return number;
        }

        int[] lanes(int latest) {
            int[] counts = new int[12];
            long end = next.get();
            for (long number = Math.max(0, end - latest); number < end; number++) {
                int lane = map.getInt(offset(number) + 16);
                if (lane >= 0 && lane < counts.length) {
                    counts[lane]++;
                }
            }
            return counts;
        }

        private static long checksum(long pass, long at, int rest) {
            CRC32 crc = new CRC32();
            for (int shift = 0; shift < 64; shift += 8) {
                crc.update((int) (pass >>> shift));
                crc.update((int) (at >>> shift));
            }
            crc.update(rest);
            return crc.getValue();
        }
    }
}
