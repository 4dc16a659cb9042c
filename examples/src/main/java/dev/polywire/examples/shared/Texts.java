package dev.polywire.examples.shared;

/** What can be said of a text that somebody has written. */
public final class Texts {
    private Texts() {}

    /**
     * Tells whether there is anything to see in a text.
     *
     * @param text any
     * @return false when it has nothing but spaces, marks without a letter, and characters that are not shown
     */
    public static boolean visible(String text) {
        return text.codePoints().anyMatch(Texts::visible);
    }

    private static boolean visible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.COMBINING_SPACING_MARK -> false;
            // Unknown to this Java: a newer emoji, most likely, if it is where those are.
            case Character.UNASSIGNED -> c >= 0x1F000 && c < 0x20000;
            // Letters that hold a place in Hangul, and the empty pattern of Braille.
            default -> c != 0x115F && c != 0x1160 && c != 0x3164 && c != 0xFFA0 && c != 0x2800;
        };
    }
}
