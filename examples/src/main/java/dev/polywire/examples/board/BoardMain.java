package dev.polywire.examples.board;

import dev.polywire.examples.shared.DemoProgram;

/** Sticky notes and a text that several people write at the same time, online or not. */
public final class BoardMain {
    private BoardMain() {}

    /**
     * Starts the board.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        new DemoProgram(
                        "board",
                        "Polywire board",
                        "Sticky notes and a text that several people write at the same time, online or not.",
                        "A board is kept in memory, and by the pages that are open: they bring it back when this is"
                                + " started again.")
                .run(arguments, Board::start);
    }
}
