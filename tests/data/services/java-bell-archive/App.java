import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.handlers.BlockingHandler;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

public class App {

    static class Archive {
        private final Path folder;
        private final AtomicInteger towers = new AtomicInteger();

        Archive(Path folder) throws IOException {
            this.folder = Files.createDirectories(folder);
        }

        int append(int strikes) throws IOException {
            int tower = Math.floorMod(towers.getAndIncrement(), 64);
            try (RandomAccessFile file = new RandomAccessFile(folder.resolve("tower-" + tower + ".log").toFile(), "rwd")) {
                file.seek(file.length());
                for (int strike = 0; strike < strikes; strike++) {
                    String line = Instant.now() + " tower " + tower + " strike " + strike + "\n";
                    file.write(line.getBytes(StandardCharsets.UTF_8));
                }
            }
            return tower;
        }
    }

    public static void main(String[] args) throws IOException {
        Archive archive = new Archive(Path.of("archive"));
        Undertow.builder()
                .setWorkerThreads(32)
                .addHttpListener(Integer.parseInt(System.getenv("PORT")), "127.0.0.1")
                .setHandler(Handlers.path()
                        .addExactPath("/healthz", ex -> ex.getResponseSender().send("ok"))
                        .addExactPath("/rings", new BlockingHandler(
                                ex -> ex.getResponseSender().send("{\"tower\":" + archive.append(300) + "}"))))
                .build()
                .start();
    }
}
