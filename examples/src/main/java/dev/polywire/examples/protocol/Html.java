package dev.polywire.examples.protocol;

/** Small things about HTML. */
final class Html {
    private Html() {}

    /** Text as it may stand between tags and in attributes. */
    static String text(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** Tables that may be wider than a phone scroll by themselves, by keyboard, too. */
    static String scrolling(String html) {
        return html.replace(
                        "<table>", "<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>")
                .replace("</table>", "</table></div>");
    }

    /** A link to a rule, such as R4, or to a section, such as 1.3, of the specification on the same page. */
    static String rule(String rule) {
        boolean numbered = rule.startsWith("R");
        return "<a href=\"#" + (numbered ? rule : "section-" + rule) + "\">" + (numbered ? rule : "§&nbsp;" + rule)
                + "</a>";
    }
}
