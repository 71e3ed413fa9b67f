import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;

/** One file for each weighing, a line for each axle; the office collects them at night. */
class Ledger {
    private final Path folder;

    Ledger(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    void write(Ticket ticket) throws IOException {
        Path file = folder.resolve(ticket.number() + ".txt");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            append(out, "ticket " + ticket.number() + " plate " + ticket.plate() + " at " + Instant.now());
            for (Axle axle : ticket.axles()) {
                append(out, "axle " + axle.position() + " left " + axle.left() + " right " + axle.right());
            }
            append(out, "total " + ticket.total());
        }
    }

    private void append(FileChannel out, String line) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
        out.force(true);
    }

    List<String> read(String number) throws IOException {
        Path file = folder.resolve(number + ".txt");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    record Axle(int position, int left, int right) {
    }

    record Ticket(String number, String plate, List<Axle> axles) {
        int total() {
            return axles.stream().mapToInt(a -> a.left() + a.right()).sum();
        }
    }
}
