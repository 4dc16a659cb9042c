package dev.polywire.examples.notifications;

import dev.polywire.examples.shared.DemoProgram;

/** An inbox for each person, live on all of their devices, with nothing lost while they are away. */
public final class NotificationsMain {
    private NotificationsMain() {}

    /**
     * Starts the notification server.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        new DemoProgram(
                        "notifications",
                        "Polywire notifications",
                        "Sends notifications to people's inboxes, over WebSocket, Server-Sent Events or long polling.")
                .run(arguments, Notifications::start);
    }
}
