package dev.polywire.examples.livefeed;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of JSON or of text, from standard input or from a file. */
final class LineSource implements Source {
    /** What is longer is cut: a line is for reading, and one without end must not fill the memory. */
    static final int LONGEST = 8 * 1024;

    private final String name;
    private final int rate;
    private final Opener opener;
    private final Pace pace;

    /** Opens what is read. */
    @FunctionalInterface
    interface Opener {
        InputStream open() throws IOException;
    }

    LineSource(String name, int rate, Opener opener, Pace pace) {
        this.name = name;
        this.rate = rate;
        this.opener = opener;
        this.pace = pace;
    }

    @Override
    public String channel() {
        return "lines";
    }

    @Override
    public JsonObject about() {
        return new JsonObject().put("kind", "lines").put("name", name).put("rate", rate);
    }

    @Override
    public void run(Sink sink) throws IOException, InterruptedException {
        long lines = 0;
        try (Reader in = new BufferedReader(new InputStreamReader(opener.open(), StandardCharsets.UTF_8))) {
            for (String line = next(in); line != null; line = next(in)) {
                if (!line.isBlank()) {
                    pace.await();
                    sink.put("line", body(line));
                    lines++;
                }
            }
        }
        sink.put("end", new JsonObject().put("lines", lines));
    }

    /** Turns a line into a message: an object of JSON stays one, everything else is text. */
    static JsonObject body(String line) {
        if (line.trim().startsWith("{")) {
            try {
                return new JsonObject().put("data", new JsonObject(line));
            } catch (DecodeException e) {
                // It only looked like JSON, so it is text.
            }
        }
        return new JsonObject().put("text", line);
    }

    private static @Nullable String next(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        int length = 0;
        for (int c = in.read(); ; c = in.read()) {
            if (c < 0 && length == 0) {
                return null;
            }
            if (c < 0 || c == '\n') {
                break;
            }
            length++;
            if (length <= LONGEST) {
                line.append((char) c);
            }
        }
        if (length > LONGEST) {
            if (Character.isHighSurrogate(line.charAt(LONGEST - 1))) {
                line.setLength(LONGEST - 1);
            }
            line.append('…');
        }
        int end = line.length();
        if (end > 0 && line.charAt(end - 1) == '\r') {
            line.setLength(end - 1);
        }
        return line.toString();
    }
}
