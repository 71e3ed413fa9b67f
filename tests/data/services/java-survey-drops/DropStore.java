import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;

/** One file per survey drop: a header with the number of answers, then the answers in fixed slots. */
class DropStore {
    private static final int HEADER = 32;
    private static final int SLOT = 64;
    private static final int MAGIC = 0x53445250;
    private static final int KEPT = 400;

    private final File folder;
    private final AtomicLong numbers = new AtomicLong();

    DropStore(File folder) throws IOException {
        this.folder = folder;
        if (!folder.isDirectory() && !folder.mkdirs()) {
            throw new IOException("cannot make " + folder);
        }
    }

    long save(String survey, String[] answers) throws IOException {
        long number = numbers.incrementAndGet();
        File file = fileOf(survey, number);
        try (RandomAccessFile drop = new RandomAccessFile(file, "rws")) {
            writeHeader(drop, survey, 0);
            for (int i = 0; i < answers.length; i++) {
                writeAnswer(drop, i, answers[i]);
            }
            writeHeader(drop, survey, answers.length);
        }
        File old = fileOf(survey, number - KEPT);
        if (old.exists()) {
            old.delete();
        }
        return number;
    }

    private void writeHeader(RandomAccessFile drop, String survey, int count) throws IOException {
        drop.seek(0);
        byte[] head = new byte[HEADER];
        put(head, 0, MAGIC);
        put(head, 4, count);
        put(head, 8, survey.hashCode());
        drop.write(head);
    }

    private void writeAnswer(RandomAccessFile drop, int index, String answer) throws IOException {
        byte[] slot = new byte[SLOT];
        byte[] text = answer.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, SLOT - 8);
        System.arraycopy(text, 0, slot, 8, length);
        CRC32 crc = new CRC32();
        crc.update(text, 0, length);
        put(slot, 0, length);
        put(slot, 4, (int) crc.getValue());
        drop.seek(HEADER + (long) index * SLOT);
        drop.write(slot);
    }

    private static void put(byte[] to, int at, int value) {
        for (int i = 0; i < 4; i++) {
            to[at + i] = (byte) (value >>> (24 - 8 * i));
        }
    }

    private File fileOf(String survey, long number) {
        return new File(folder, survey + "-" + number + ".drop");
    }
}
