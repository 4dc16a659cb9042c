package dev.polywire.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A frame from the server (section 1.2 of the protocol). */
public sealed interface ServerFrame {

    /** The first frame on every connection; uncounted (R6). Null members are left out: a resumed connection needs few. */
    record Welcome(
            int version,
            String session,
            @Nullable String secret,
            @Nullable String user,
            boolean resumed,
            @Nullable String reason,
            long received,
            long first,
            long heartbeat,
            long grace,
            @Nullable List<String> transports,
            @Nullable Bounds limits)
            implements ServerFrame {
        /** Leaves out the secret. */
        @Override
        public String toString() {
            return "Welcome[version=" + version + ", session=" + session + ", user=" + user + ", resumed=" + resumed
                    + ", reason=" + reason + ", received=" + received + ", first=" + first + "]";
        }
    }

    /**
     * The limits that a client has to know, all in bytes but the last.
     *
     * @param frame the largest frame that the server takes
     * @param post the largest body of a POST
     * @param window unacknowledged bytes that the server keeps on the way
     * @param outbox bytes that the server keeps for the session in all
     * @param channels how many channels one session may be in
     */
    record Bounds(int frame, int post, int window, int outbox, int channels) {}

    /** Answers a subscribe, for one channel. A count of -1 means that the channel has no presence. */
    record Subscribed(
            @Nullable String id,
            String channel,
            @Nullable Position position,
            @Nullable Boolean recovered,
            boolean already,
            @Nullable List<Member> members,
            int count,
            long version,
            @Nullable Payload snapshot)
            implements ServerFrame {}

    /** Tells that the session is no longer in a channel. */
    record Unsubscribed(
            @Nullable String id, String channel, @Nullable String reason) implements ServerFrame {}

    /** A message of a channel, or, when the channel is null, to this session alone. An offset of 0 means not stored. */
    record Message(
            @Nullable String channel,
            @Nullable String event,
            Payload payload,
            long timestamp,
            long offset,
            @Nullable String user,
            @Nullable String key,
            @Nullable Long sentAt,
            @Nullable String traceId,
            @Nullable String confirm,
            int attempt)
            implements ServerFrame {}

    /** Answers a publish or a refresh. */
    record Ack(String id, @Nullable Position position, boolean duplicate) implements ServerFrame {}

    /** Asks for a new token, because the client's credentials end in so many milliseconds (R75). */
    record Refresh(long expiresIn) implements ServerFrame {}

    /** Refuses something. {@code frame} is the number of the refused frame, or 0. */
    record Error(
            ErrorCode code,
            String message,
            @Nullable String id,
            @Nullable String channel,
            long frame,
            long retryAfter,
            @Nullable List<Integer> versions)
            implements ServerFrame {}

    /** Answers a request with the application's data. */
    record Reply(String id, Payload payload) implements ServerFrame {}

    /** The server's application asks the client. */
    record Request(String id, String event, Payload payload, long timeout) implements ServerFrame {}

    /** All members of a channel, or only their number when {@code members} is null. */
    record PresenceList(
            @Nullable String id, String channel, @Nullable List<Member> members, int count, long version)
            implements ServerFrame {}

    /** A member changed its state. */
    record PresenceChange(String channel, Member member, int count, long version) implements ServerFrame {}

    /** A member came. */
    record Join(String channel, Member member, int count, long version, boolean first) implements ServerFrame {}

    /** A member left. */
    record Leave(String channel, Member member, int count, long version, boolean last) implements ServerFrame {}

    /** Answers a history read. */
    record History(String id, String channel, List<Message> messages, Position position, boolean more)
            implements ServerFrame {}

    /** Tells that something is missing in a channel (R24). {@code count} is 0 when it is not known. */
    record Gap(String channel, GapReason reason, @Nullable Position position, long count) implements ServerFrame {}

    /** Fills the number of a frame that was withdrawn. */
    record Noop() implements ServerFrame {}

    /** Acknowledges the client's frames up to a count; uncounted. */
    record Received(long count) implements ServerFrame {}

    /** Asks for a pong, and states how many counted frames were sent; uncounted. */
    record Ping(long count, @Nullable String id) implements ServerFrame {}

    /** Answers a ping; uncounted. */
    record Pong(long count, @Nullable String id) implements ServerFrame {}

    /** The last frame of a connection; uncounted (R40). */
    record Bye(CloseReason reason, long retryAfter, long sent) implements ServerFrame {}

    /**
     * A member of a channel's presence.
     *
     * @param session the public id of the session
     * @param user the user's id, or null when anonymous
     * @param state any JSON
     * @param since when it came, milliseconds since the epoch
     */
    record Member(String session, @Nullable String user, Payload state, long since) {}

    /** Why messages of a channel are missing. */
    enum GapReason {
        /** The session was too slow, and the channel's policy is to drop. */
        OVERFLOW,
        /** The history was lost or began anew. */
        EPOCH,
        /** The session may no longer read the channel. */
        DENIED,
        /** The history does not reach back that far. */
        TRIMMED,
        /** Something may be missing, and how much is not known. */
        UNKNOWN
    }
}
