package dev.polywire.examples.protocol;

import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/** The text of docs/protocol.md as HTML: each rule and each section can be linked to, and each mention of a rule is such a link. */
final class Specification {
    private static final List<Extension> TABLES = List.of(TablesExtension.create());
    private static final Pattern HEADING = Pattern.compile("<h([23])>(([0-9]+(?:\\.[0-9]+)?)\\.? .*?|[^<]*)</h\\1>");
    private static final Pattern RULE = Pattern.compile("<p><strong>(R[0-9]+)</strong>");
    private static final Pattern MENTION = Pattern.compile("\\bR[0-9]+\\b");
    /** Links to other files, which somebody who has only the page does not have. */
    private static final Pattern ELSEWHERE =
            Pattern.compile("<a href=\"(?!#|https?:)[^\"]*\">(.*?)</a>", Pattern.DOTALL);

    private static final Pattern TAG = Pattern.compile("<[^>]*>");
    private static final Set<String> CLOSED = Set.of("pre", "code", "a", "strong");

    private Specification() {}

    static String html(String markdown) {
        String text = markdown.replaceFirst("^# [^\n]*\n", "");
        String html = HtmlRenderer.builder()
                .extensions(TABLES)
                .escapeHtml(true)
                .build()
                .render(Parser.builder().extensions(TABLES).build().parse(text));
        html = HEADING.matcher(html).replaceAll(Specification::heading);
        html = linked(ELSEWHERE.matcher(html).replaceAll("$1"));
        html = RULE.matcher(html).replaceAll("<p><strong id=\"$1\">$1</strong>");
        return Html.scrolling(html);
    }

    private static String heading(MatchResult found) {
        int level = Integer.parseInt(found.group(1)) + 1;
        String number = found.group(3);
        String id = number == null ? "" : " id=\"section-" + number + "\"";
        return Matcher.quoteReplacement("<h" + level + id + ">" + found.group(2) + "</h" + level + ">");
    }

    /** Links rules where they are mentioned in running text. */
    private static String linked(String html) {
        StringBuilder out = new StringBuilder();
        Matcher tag = TAG.matcher(html);
        int at = 0;
        int closed = 0;
        while (tag.find()) {
            out.append(text(html.substring(at, tag.start()), closed > 0)).append(tag.group());
            String name = tag.group().replaceAll("[^a-z]", " ").trim().split(" ")[0];
            if (CLOSED.contains(name)) {
                closed += tag.group().startsWith("</") ? -1 : 1;
            }
            at = tag.end();
        }
        return out.append(text(html.substring(at), closed > 0)).toString();
    }

    private static String text(String text, boolean closed) {
        return closed ? text : MENTION.matcher(text).replaceAll("<a href=\"#$0\">$0</a>");
    }
}
