package dev.polywire.examples.validate;

/**
 * What breaks a rule.
 *
 * @param rule a rule such as {@code R7}, or a section such as {@code 1.3}, of docs/protocol.md
 * @param text what is wrong, without the rule
 */
public record Fault(String rule, String text) {

    /** Whether it is a numbered rule, and not a section, that is broken. */
    boolean numbered() {
        return rule.startsWith("R");
    }

    @Override
    public String toString() {
        return text + " (" + (numbered() ? "rule " : "section ") + rule + ")";
    }
}
