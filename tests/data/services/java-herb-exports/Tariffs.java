package herbs;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/** The customs office's tariff host; it speaks a line protocol. */
class Tariffs {

    record Tariff(BigDecimal percent, BigDecimal perKilo, List<String> papers) {
    }

    static class Unavailable extends RuntimeException {
        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static class Line implements AutoCloseable {
        final Socket socket = new Socket();
        final BufferedReader in;
        final Writer out;

        Line(InetSocketAddress host) throws IOException {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(4000);
            socket.connect(host, 1000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            out = new java.io.OutputStreamWriter(socket.getOutputStream(), StandardCharsets.US_ASCII);
        }

        String ask(String question) throws IOException {
            out.write(question + "\r\n");
            out.flush();
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("the host hung up");
            }
            return answer;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // it is gone anyway
            }
        }
    }

    private final InetSocketAddress host;
    private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();

    Tariffs(String name, int port) {
        host = new InetSocketAddress(name, port);
    }

    Tariff tariff(String heading, String country) {
        String answer = ask("TARIFF " + heading + " " + country);
        String[] fields = answer.split(";");
        if (fields.length < 3 || !fields[0].equals("OK")) {
            throw new Unavailable("no tariff for " + heading + ": " + answer, null);
        }
        return new Tariff(new BigDecimal(fields[1]), new BigDecimal(fields[2]),
                fields.length > 3 ? List.of(fields[3].split(",")) : List.of());
    }

    private String ask(String question) {
        Line line = idle.pollFirst();
        try {
            if (line == null) {
                line = new Line(host);
            }
            String answer = line.ask(question);
            idle.addFirst(line);
            return answer;
        } catch (IOException e) {
            if (line != null) {
                line.close();
            }
            throw new Unavailable("the tariff host does not answer", e);
        }
    }
}
