package dev.polywire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Draws stacks as a flame graph: a box for each method, as wide as the share of processor time that it and what it called took,
 * callers below. Its colour says whose it is. Light or dark as the page is.
 */
final class FlameGraph {
    private static final int WIDTH = 1180;
    private static final int ROW = 18;
    private static final int TOP = 78;
    private static final int MARGIN = 14;
    private static final double LETTER = 6.7;

    /** A box narrower than this share is left out. */
    private static final double LEAST = 0.002;

    /** Callers of all but so little say nothing: the graph begins above them. */
    private static final double ALL = 0.985;

    /** Whose code it is. */
    private enum Owner {
        POLYWIRE("Polywire", "#93c5fd", "#1e40af"),
        NETTY("Netty", "#bbf7d0", "#166534"),
        VERTX("Vert.x", "#ddd6fe", "#5b21b6"),
        JAVA("JDK, libraries", "#fde68a", "#854d0e"),
        SYSTEM("native code and system calls", "#e5e7eb", "#374151");

        private final String title;
        private final String light;
        private final String dark;

        Owner(String title, String light, String dark) {
            this.title = title;
            this.light = light;
            this.dark = dark;
        }

        static Owner of(String frame) {
            if (frame.startsWith("dev/polywire/")) {
                return POLYWIRE;
            }
            if (frame.startsWith("io/vertx/")) {
                return VERTX;
            }
            if (frame.startsWith("io/netty/")) {
                return NETTY;
            }
            return frame.matches("[a-z0-9]+/.*") ? JAVA : SYSTEM;
        }
    }

    private static final class Node {
        private final String frame;
        private final Map<String, Node> calls = new TreeMap<>();
        private long count;

        Node(String frame) {
            this.frame = frame;
        }

        Node call(String called) {
            return calls.computeIfAbsent(called, Node::new);
        }

        int height(long least) {
            int most = 0;
            for (Node call : calls.values()) {
                if (call.count >= least) {
                    most = Math.max(most, call.height(least));
                }
            }
            return most + 1;
        }
    }

    private final String title;
    private final Node root;
    private final long all;

    /**
     * Reads stacks.
     *
     * @param lines thread and frames, outermost first, separated by semicolons, then a blank and how often the stack was met;
     *     only those of event loops count
     * @param title what the graph is of
     */
    FlameGraph(List<String> lines, String title) {
        this.title = title;
        Node bottom = new Node("");
        for (String line : lines) {
            int blank = line.lastIndexOf(' ');
            String[] frames = line.substring(0, Math.max(blank, 0)).split(";");
            if (!frames[0].contains("eventloop-thread")) {
                continue;
            }
            long count = Long.parseLong(line.substring(blank + 1));
            Node node = bottom;
            node.count += count;
            for (int i = 1; i < frames.length; i++) {
                node = node.call(frames[i]);
                node.count += count;
            }
        }
        all = bottom.count;
        root = above(bottom);
    }

    private Node above(Node node) {
        for (Node call : node.calls.values()) {
            if (call.count >= ALL * all) {
                return above(call);
            }
        }
        return node;
    }

    void write(Path file) throws IOException {
        Files.writeString(file, svg());
    }

    String svg() {
        long least = Math.max(1, Math.round(LEAST * all));
        int rows = root.height(least);
        int height = TOP + rows * ROW + MARGIN;
        StringBuilder svg = new StringBuilder();
        add(svg, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" aria-label="%3$s">
                <style>
                  svg { background: #ffffff; font: 11px ui-monospace, monospace; }
                  text { fill: #111827; } .title { font: 600 15px system-ui, sans-serif; } .soft { fill: #6b7280; font: 13px system-ui, sans-serif; }
                  rect { stroke: #ffffff; stroke-width: 0.6; }
                %4$s  @media (prefers-color-scheme: dark) {
                    svg { background: #0d1117; } text { fill: #f0f6fc; } .soft { fill: #9198a1; } rect { stroke: #0d1117; }
                %5$s  }
                </style>
                <text x="%6$d" y="26" class="title">%3$s</text>
                <text x="%6$d" y="46" class="soft">Width: share of processor time. Callers are below what they call.</text>
                """, WIDTH, height, escaped(title), colours(false), colours(true), MARGIN);
        double x = MARGIN;
        for (Owner owner : Owner.values()) {
            add(
                    svg,
                    "<rect class=\"%s\" x=\"%.1f\" y=\"56\" width=\"12\" height=\"12\"/>"
                            + "<text x=\"%.1f\" y=\"66\" class=\"soft\">%s</text>\n",
                    owner.name().toLowerCase(Locale.ROOT),
                    x,
                    x + 17,
                    owner.title);
            x += 40 + owner.title.length() * LETTER;
        }
        draw(svg, root, MARGIN, height - MARGIN - ROW, least);
        return svg.append("</svg>\n").toString();
    }

    private static String colours(boolean dark) {
        StringBuilder css = new StringBuilder();
        for (Owner owner : Owner.values()) {
            add(css, "  .%s { fill: %s; }\n", owner.name().toLowerCase(Locale.ROOT), dark ? owner.dark : owner.light);
        }
        return css.toString();
    }

    private void draw(StringBuilder svg, Node node, double x, int y, long least) {
        double width = (WIDTH - 2.0 * MARGIN) * node.count / Math.max(1, all);
        String name = node == root ? "event loop" : name(node.frame);
        add(
                svg,
                "<g><title>%s: %.1f %%</title><rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                escaped(name),
                100.0 * node.count / Math.max(1, all),
                Owner.of(node.frame).name().toLowerCase(Locale.ROOT),
                x,
                y,
                width,
                ROW);
        int letters = (int) ((width - 6) / LETTER);
        if (letters >= 3) {
            String label = name.length() <= letters ? name : name.substring(0, letters - 1) + '…';
            add(svg, "<text x=\"%.1f\" y=\"%d\">%s</text>", x + 3, y + 13, escaped(label));
        }
        svg.append("</g>\n");
        List<Node> calls = new ArrayList<>(node.calls.values());
        for (Node call : calls) {
            if (call.count >= least) {
                draw(svg, call, x, y - ROW, least);
            }
            x += (WIDTH - 2.0 * MARGIN) * call.count / Math.max(1, all);
        }
    }

    /** The class without its package, and the method. */
    private static String name(String frame) {
        // A lambda's class has an address for a name.
        String bare = frame.replaceFirst("_\\[[a-z0-9]]$", "").replaceFirst("(Lambda)[^.]*[./]0x[0-9a-f]+", "$1");
        return Owner.of(bare) == Owner.SYSTEM ? bare : bare.substring(bare.lastIndexOf('/') + 1);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static void add(StringBuilder to, String format, Object... values) {
        to.append(String.format(Locale.ROOT, format, values));
    }
}
