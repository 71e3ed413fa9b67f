package survey;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One binary file a core: a fixed header, the layers, and a length that is filled in when all the rest is there. */
class CoreArchive {

    private static final int MAGIC = 0x534F494C;
    private static final int LENGTH_AT = 6;

    record Layer(String soil, int centimeters, double acidity) {
    }

    record Core(int number, String site, int depth, long takenAt, String surveyor, List<Layer> layers) {
    }

    private final Path folder;
    private final AtomicInteger last = new AtomicInteger();

    CoreArchive(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            files.map(p -> p.getFileName().toString())
                    .filter(name -> name.endsWith(".core"))
                    .mapToInt(name -> Integer.parseInt(name.substring(0, name.indexOf('.'))))
                    .max()
                    .ifPresent(last::set);
        }
    }

    int nextNumber() {
        return last.incrementAndGet();
    }

    private File file(int number) {
        return folder.resolve(String.format("%07d.core", number)).toFile();
    }

    void store(Core core) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file(core.number()), "rws")) {
            writeHeader(out, core);
            for (Layer layer : core.layers()) {
                writeLayer(out, layer);
            }
            long end = out.getFilePointer();
            out.seek(LENGTH_AT);
            out.writeInt((int) end);
        }
    }

    private static void writeHeader(RandomAccessFile out, Core core) throws IOException {
        out.writeInt(MAGIC);
        out.writeShort(2);
        out.writeInt(0);
        out.writeInt(core.number());
        out.writeLong(core.takenAt());
        out.writeShort(core.depth());
        out.writeUTF(core.site());
        out.writeUTF(core.surveyor());
        out.writeShort(core.layers().size());
    }

    private static void writeLayer(RandomAccessFile out, Layer layer) throws IOException {
        out.writeUTF(layer.soil());
        out.writeShort(layer.centimeters());
        out.writeShort((int) Math.round(layer.acidity() * 100));
    }

    Core load(int number) throws IOException {
        File file = file(number);
        if (!file.exists()) {
            return null;
        }
        try (RandomAccessFile in = new RandomAccessFile(file, "r")) {
            if (in.readInt() != MAGIC || in.readShort() != 2 || in.readInt() != in.length()) {
                throw new IOException(file.getName() + " is not complete");
            }
            int stored = in.readInt();
            long takenAt = in.readLong();
            int depth = in.readShort();
            String site = in.readUTF();
            String surveyor = in.readUTF();
            int count = in.readShort();
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                layers.add(new Layer(in.readUTF(), in.readShort(), in.readShort() / 100.0));
            }
            return new Core(stored, site, depth, takenAt, surveyor, layers);
        }
    }
}
