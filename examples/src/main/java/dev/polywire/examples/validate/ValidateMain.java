package dev.polywire.examples.validate;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames in a file, checked: which of them breaks which rule of the protocol. */
public final class ValidateMain {
    static final String HELP = """
            ./demo validate [--from client|server] FILE...

            Says which frames in a file break which rule of docs/protocol.md. A file holds one frame on each line, or one
            JSON array of frames. A line may begin with > (from the client) or < (from the server); when all do, what is
            said in which order is checked as well: a hello first, nothing counted before the welcome, the counts.
            Lines that begin with # are left out; - is the standard input.

            It ends with 0 when all is well, with 1 when a rule is broken, and with 2 when it cannot read a file.
            """;

    private ValidateMain() {}

    /**
     * Checks files.
     *
     * @param arguments see {@link #HELP}
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.in, System.out, System.err));
    }

    static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
        @Nullable Direction from = null;
        List<String> files = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "-h", "--help" -> {
                    out.print(HELP);
                    return 0;
                }
                case "--from" -> {
                    String who = ++i < arguments.length ? arguments[i] : "";
                    if (!who.equals("client") && !who.equals("server")) {
                        return refuse(err, "--from needs client or server, for example --from client.");
                    }
                    from = who.equals("client") ? Direction.CLIENT : Direction.SERVER;
                }
                default -> {
                    if (arguments[i].startsWith("--")) {
                        return refuse(err, "There is no argument " + arguments[i] + "; there are --from and --help.");
                    }
                    files.add(arguments[i]);
                }
            }
        }
        if (files.isEmpty()) {
            return refuse(err, "Name a file with frames, or - for the standard input.");
        }
        Validator validator = new Validator();
        int worst = 0;
        for (String file : files) {
            try {
                byte[] bytes = file.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(file));
                Validator.Report report = validator.check(file, bytes, from);
                out.print(report.text());
                worst = Math.max(worst, report.bad() == 0 ? 0 : 1);
            } catch (NoSuchFileException | InvalidPathException e) {
                err.println(file + " cannot be read: there is no such file.");
                worst = 2;
            } catch (IOException e) {
                err.println(file + " cannot be read: " + e.getMessage() + ".");
                worst = 2;
            }
        }
        return worst;
    }

    private static int refuse(PrintStream err, String sentence) {
        err.println(sentence);
        err.println("./demo validate --help tells more.");
        return 2;
    }
}
