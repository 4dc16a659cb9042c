package dev.polywire.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A frame from the client (section 1.1 of the protocol). */
public sealed interface ClientFrame {

    /** Opens or resumes a session; uncounted. */
    record Hello(
            List<Integer> versions,
            @Nullable String client,
            @Nullable String token,
            @Nullable Resume resume,
            Payload capabilities)
            implements ClientFrame {
        /** Leaves out the token. */
        @Override
        public String toString() {
            return "Hello[versions=" + versions + ", client=" + client + ", resume=" + resume + "]";
        }
    }

    /**
     * What a client states when it attaches again (R9).
     *
     * @param session the public id
     * @param secret the resume secret
     * @param attach the attach number, greater than any before
     * @param received how many downstream frames the client has handed over
     * @param confirmed the highest upstream count that the client knows to be accepted
     */
    record Resume(String session, String secret, long attach, long received, long confirmed) {
        /** Leaves out the secret. */
        @Override
        public String toString() {
            return "Resume[session=" + session + ", attach=" + attach + ", received=" + received + ", confirmed="
                    + confirmed + "]";
        }
    }

    /** Joins channels, each from a position if one is given, and with a token where one is asked for. */
    record Subscribe(String id, List<String> channels, Map<String, Position> positions, Map<String, String> tokens)
            implements ClientFrame {
        /** Leaves out the tokens. */
        @Override
        public String toString() {
            return "Subscribe[id=" + id + ", channels=" + channels + ", positions=" + positions + "]";
        }
    }

    /** Leaves channels. */
    record Unsubscribe(String id, List<String> channels) implements ClientFrame {}

    /** Sends a message to a channel. */
    record Publish(
            @Nullable String id,
            String channel,
            @Nullable String event,
            Payload payload,
            @Nullable String key,
            @Nullable Long sentAt,
            @Nullable String traceId,
            boolean echo,
            boolean confirm)
            implements ClientFrame {}

    /** Asks the application something. */
    record Request(
            String id,
            String address,
            Payload payload,
            long timeout,
            @Nullable String traceId) implements ClientFrame {}

    /** Answers the server's request. */
    record Reply(String id, Payload payload) implements ClientFrame {}

    /** Refuses the server's request. */
    record Failure(String id, String code, String message) implements ClientFrame {}

    /** Reads the members of a channel, or sets the own state there when {@code state} is not null. */
    record Presence(String id, String channel, @Nullable Payload state, boolean countOnly) implements ClientFrame {}

    /** Reads a channel's history. */
    record History(String id, String channel, @Nullable Position since, int limit, boolean reverse)
            implements ClientFrame {}

    /** Replaces the token of the session. */
    record Refresh(String id, String token) implements ClientFrame {
        /** Leaves out the token. */
        @Override
        public String toString() {
            return "Refresh[id=" + id + "]";
        }
    }

    /** Confirms a message that asked for it. */
    record Ack(String id) implements ClientFrame {}

    /** Fills the number of a frame that was withdrawn (R27). */
    record Noop() implements ClientFrame {}

    /** Acknowledges the server's frames up to a count; uncounted. */
    record Received(long count) implements ClientFrame {}

    /** Asks for a pong; uncounted. {@code count} is -1 when not stated. */
    record Ping(long count, @Nullable String id) implements ClientFrame {}

    /** Answers a ping; uncounted. {@code count} is -1 when not stated. */
    record Pong(long count, @Nullable String id) implements ClientFrame {}

    /** Ends the session; uncounted. {@code sent} is -1 when not stated. */
    record Bye(long sent, @Nullable String reason) implements ClientFrame {}
}
