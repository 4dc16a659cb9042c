package dev.polywire.spi;

import dev.polywire.RealtimeOptions;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The way from a transport into the sessions; core implements it. Called on the request's context; futures complete there. */
public interface SessionGateway {

    /**
     * Charges a connection to the client's address. A transport calls it once for each request that is to become a connection, polls of
     * an open session excepted, before it reads a body or upgrades, so that who connects too often costs next to nothing. The endpoint for
     * POSTs calls it for each of them: one that names an open session of this node is not charged, any other is, and is refused.
     *
     * @param who the request
     * @throws dev.polywire.spi.Refusal when there are too many, or a POST names no session; to be answered by HTTP
     */
    default void admit(Handshake who) {}

    /**
     * Looks at the credentials of a request that is about to be upgraded. A transport that answers before it has read {@code hello}
     * asks this first; the others are told by {@link #attach}.
     *
     * @param who the request
     * @return what to attach with, complete at once unless the options ask for credentials here; fails with a {@link Refusal}, to be
     *     answered by HTTP
     */
    Future<Handshake> authenticate(Handshake who);

    /**
     * Opens a session or attaches to one. {@code welcome} has been handed to the connection when the future completes, or
     * will be right after.
     *
     * @param who the request
     * @param hello the {@code hello} frame; may be empty when {@code who} states a resume
     * @param connection where frames go from now on
     * @return the attachment; fails with a {@link Refusal}, after which the connection was not touched
     */
    Future<Attachment> attach(Handshake who, Buffer hello, Connection connection);

    /**
     * Takes the body of a POST: one frame or an array of frames (R25, R26).
     *
     * @param who the request, whose {@code Polywire-Session} and {@code Polywire-Secret} say which session it is for
     * @param firstSeq the number of the first counted frame, or 0 when not stated
     * @param frames the whole body
     * @return how many of the client's frames the session has accepted; fails with a {@link Refusal}
     */
    Future<Long> receive(Handshake who, long firstSeq, Buffer frames);

    /**
     * Reads channels by position, without a session (R45 to R49).
     *
     * @param who the request
     * @param channels at least one channel
     * @param cursor where to go on, or null for the top
     * @param fromStart with no cursor, whether to begin with the history kept
     * @param connection gets batches that carry cursors
     * @return the reader and the cursor of its beginning; fails with a {@link Refusal}
     */
    Future<Reader> read(
            Handshake who, List<String> channels, @Nullable String cursor, boolean fromStart, Connection connection);

    /**
     * Answers a probe: a {@code ping} that comes before {@code hello} (R18).
     *
     * @param frame the first message of a connection
     * @return the pong, or null when the frame is no ping
     */
    @Nullable
    Buffer probe(Buffer frame);

    /**
     * Does something later, on the caller's context, unless it is cancelled before. Setting and cancelling cost next to nothing.
     *
     * @param millis how long from now; it comes late by at most a tenth of a second on a loop that is not busy
     * @param task what to do
     * @return cancels it when run on the same event loop; afterwards it does nothing
     */
    Runnable after(long millis, Runnable task);

    /**
     * Tells what the server offers to this client.
     *
     * @param who the request
     * @return versions, transports, heartbeat and limits, as {@code GET /realtime} answers them
     */
    JsonObject describe(Handshake who);

    /**
     * Returns the options that the engine runs with.
     *
     * @return not to be changed
     */
    RealtimeOptions options();

    /**
     * A bare read that has begun.
     *
     * @param attachment to be told when the connection is gone
     * @param cursor where it began
     */
    record Reader(Attachment attachment, String cursor) {}
}
