package dev.polywire.examples.chat;

import dev.polywire.examples.shared.DemoProgram;

/** Rooms and direct messages between people in a browser, with who is there, who is typing and what is unread. */
public final class ChatMain {
    private static final DemoProgram PROGRAM = new DemoProgram(
            "chat",
            "Polywire chat",
            "Rooms and direct messages between people, over WebSocket, Server-Sent Events or long polling.");

    private ChatMain() {}

    /**
     * Starts the chat.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        PROGRAM.run(arguments, Chat::start);
    }
}
