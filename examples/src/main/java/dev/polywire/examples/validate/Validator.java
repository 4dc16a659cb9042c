package dev.polywire.examples.validate;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a file of frames and says, line by line, what breaks which rule. */
public final class Validator {
    private static final int SHOWN = 160;

    private final FrameCheck check = new FrameCheck(FrameSchemas.load());

    /**
     * What there is to say about a file.
     *
     * @param text for people, with a line break at the end
     * @param frames how many there were
     * @param bad how many of them break a rule
     */
    public record Report(String text, int frames, int bad) {}

    /**
     * Checks a file.
     *
     * @param name how it is called in the report
     * @param file its bytes
     * @param from who sent the lines that do not say it; null when that is not known
     */
    public Report check(String name, byte[] file, @Nullable Direction from) {
        List<FrameFile.Entry> entries = FrameFile.entries(file);
        boolean conversation =
                from == null && !entries.isEmpty() && entries.stream().allMatch(entry -> entry.direction() != null);
        Conversation talk = new Conversation();
        StringBuilder text = new StringBuilder();
        Set<String> broken =
                new TreeSet<>(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        int bad = 0;
        for (FrameFile.Entry entry : entries) {
            Direction direction = entry.direction() == null ? from : entry.direction();
            FrameCheck.Result result = check.check(entry.bytes(), direction);
            List<Fault> faults = new ArrayList<>(result.faults());
            if (conversation && result.json() != null && result.direction() != null) {
                faults.addAll(talk.next(result.direction(), result.json()));
            }
            if (!faults.isEmpty()) {
                bad++;
                text.append(name)
                        .append(':')
                        .append(entry.place())
                        .append(": ")
                        .append(shown(entry.bytes()))
                        .append('\n');
                String what =
                        (result.direction() == null ? "" : result.direction().wire() + " ") + result.type();
                for (Fault fault : faults) {
                    text.append("    ")
                            .append(what.isBlank() ? "frame" : what)
                            .append(": ")
                            .append(fault)
                            .append('\n');
                    broken.add(fault.rule());
                }
            }
        }
        text.append(rules(broken));
        int count = entries.size();
        if (count == 0) {
            return new Report(name + ": no frames.\n", 0, 0);
        }
        String frames = count == 1 ? "1 frame" : count + " frames";
        text.append(name).append(": ").append(frames).append(", ");
        text.append(
                bad == 0 ? "all as protocol 1 has them" : bad + " of which break" + (bad == 1 ? "s" : "") + " a rule");
        text.append(conversation && bad == 0 ? ", in this order, too.\n" : ".\n");
        return new Report(text.toString(), count, bad);
    }

    private static String shown(Buffer frame) {
        String text = frame.toString(StandardCharsets.UTF_8).replaceAll("\\s+", " ");
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    /** The first sentence of each rule, from the specification. */
    private static String rules(Set<String> broken) {
        StringBuilder text = new StringBuilder();
        String specification = specification();
        for (String rule : broken) {
            Matcher found = Pattern.compile("\\*\\*" + rule + "\\*\\* (.+?\\.)(\\s|$)", Pattern.DOTALL)
                    .matcher(specification);
            if (rule.startsWith("R") && found.find()) {
                text.append(rule)
                        .append(": ")
                        .append(found.group(1).replace('\n', ' '))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String specification() {
        try (InputStream in = Validator.class.getResourceAsStream("/protocol/protocol.md")) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
