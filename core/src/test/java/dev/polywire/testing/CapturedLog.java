package dev.polywire.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.simple.SimpleLogger;

/** What one logger writes, at all levels, until it is closed. The tests log with slf4j-simple, which writes to {@code System.err}. */
public final class CapturedLog implements AutoCloseable {
    private static final int EVERYTHING = 0;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream before = System.err;
    private final Logger logger;
    private final int level;

    private CapturedLog(String name) {
        logger = LoggerFactory.getLogger(name);
        level = level(EVERYTHING);
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }

    /** Begins to listen to the logger of a class. */
    public static CapturedLog of(Class<?> type) {
        return of(type.getName());
    }

    /** Begins to listen to the logger of a class that only its package knows. */
    public static CapturedLog of(String name) {
        return new CapturedLog(name);
    }

    /** The level is read once from the system properties, when the logger is made, which may have been long ago. */
    private int level(int wanted) {
        try {
            Field field = SimpleLogger.class.getDeclaredField("currentLogLevel");
            field.setAccessible(true);
            int old = field.getInt(logger);
            field.setInt(logger, wanted);
            return old;
        } catch (ReflectiveOperationException changed) {
            throw new AssertionError("slf4j-simple is not what it was", changed);
        }
    }

    /** The lines of this logger so far in which a text occurs. */
    public List<String> lines(String text) {
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(text))
                .toList();
    }

    @Override
    public void close() {
        System.setErr(before);
        level(level);
    }
}
