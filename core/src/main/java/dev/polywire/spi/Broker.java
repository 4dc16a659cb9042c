package dev.polywire.spi;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages to every node that is subscribed to their channel, and keeps their history. Safe to call from any thread.
 *
 * <ol>
 *   <li>Publishing is one atomic step: drop a repeat, give the next offset, append, hand over (rules 26, 28, 33). It is done or it is refused.
 *   <li>A node's listener MUST see the stored messages of a channel in the order of their offsets, each once; when it cannot, it MUST be told a gap.
 *   <li>{@link #subscribe} MUST NOT complete before messages published from then on are certain to arrive (rule 31).
 *   <li>An epoch is at least 64 random bits; offsets begin at 1, rise by one, and are never used twice in one epoch.
 *   <li>What the listener hears after {@link #subscribe} has completed follows the top that it told, or a gap comes first: leftovers of an
 *       earlier subscription, perhaps of an earlier epoch, MUST NOT come. (A message has no epoch by which they could be told apart.)
 *   <li>Every call MUST end some time, if only by failing when a connection is lost. Callers give up earlier, but for a channel no
 *       subscribe or unsubscribe is made before the last one has ended.
 * </ol>
 */
public interface Broker {

    /**
     * Sets who hears what arrives at this node. Called once, before anything else.
     *
     * @param listener called on any thread, but for one channel never concurrently
     */
    void listen(Listener listener);

    /**
     * Lets the channel's messages arrive at this node.
     *
     * @param channel the channel
     * @param keep its history settings
     * @return completes when confirmed, with the top of the channel; null when it keeps no history
     */
    Future<@Nullable Position> subscribe(String channel, Keep keep);

    /**
     * Ends that.
     *
     * @param channel the channel
     * @return completes when done
     */
    Future<Void> unsubscribe(String channel);

    /**
     * Publishes one message.
     *
     * @param publication the message and how to keep it
     * @return what became of it; fails with a {@link dev.polywire.protocol.ProtocolException} {@code unavailable} when it was not stored
     */
    Future<Receipt> publish(Publication publication);

    /**
     * Reads a channel's history.
     *
     * @param channel the channel
     * @param keep its history settings
     * @param since read what comes after it, or before it when reversed; null for all that is kept
     * @param limit at most this many
     * @param reverse newest first
     * @return the messages; an empty slice when nothing is kept
     */
    Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse);

    /**
     * Lets go of everything.
     *
     * @return completes when done
     */
    Future<Void> close();

    /**
     * How much history a channel keeps.
     *
     * @param size at most this many messages; 0 keeps none
     * @param age no message older than this
     * @param newest whether a message takes the place of the one before it with the same {@code key} (rule 17); those without a key
     *     are of one kind. {@code size} then bounds the keys
     * @param bytes no more than so many bytes in all, a message counting as its payload and about {@value #OVERHEAD} bytes; the oldest
     *     give way, and so does a message that is larger by itself
     */
    record Keep(int size, Duration age, boolean newest, long bytes) {
        /** How many bytes a channel keeps when not said otherwise. */
        public static final long DEFAULT_BYTES = 8L * 1024 * 1024;

        /** What a message counts for beyond its payload. */
        public static final int OVERHEAD = 256;

        /** Keeps nothing. */
        public static final Keep NOTHING = new Keep(0, Duration.ZERO);

        /**
         * Keeps every message.
         *
         * @param size at most this many messages; 0 keeps none
         * @param age no message older than this
         */
        public Keep(int size, Duration age) {
            this(size, age, false);
        }

        /**
         * Keeps up to {@link #DEFAULT_BYTES}.
         *
         * @param size at most this many messages; 0 keeps none
         * @param age no message older than this
         * @param newest whether only the newest of each key is kept
         */
        public Keep(int size, Duration age, boolean newest) {
            this(size, age, newest, DEFAULT_BYTES);
        }
    }

    /**
     * A message to publish.
     *
     * @param message the frame as subscribers get it, but for its offset
     * @param keep how to keep it; {@link Keep#NOTHING} gives it no offset
     * @param dedupe a key under which a repeat in the same channel within the window is dropped, or null
     * @param except the session that is not to get it, or null
     */
    record Publication(
            ServerFrame.Message message,
            Keep keep,
            @Nullable String dedupe,
            @Nullable String except) {}

    /**
     * What became of a publication.
     *
     * @param position its position, or null when it is not stored
     * @param duplicate true when it had been published before; the position is that of the first
     */
    record Receipt(@Nullable Position position, boolean duplicate) {}

    /**
     * A part of a history.
     *
     * @param messages in the order asked for
     * @param top the channel's top when it was read
     * @param complete whether it begins right where {@code since} ends: nothing between was lost but what a newer message of its key has
     *     replaced
     * @param more whether the limit cut it
     */
    record Slice(List<ServerFrame.Message> messages, Position top, boolean complete, boolean more) {}

    /** Hears what arrives at this node. */
    interface Listener {
        /**
         * A message has arrived.
         *
         * @param channel its channel
         * @param message the frame, with its offset when it is stored
         * @param except the session that is not to get it, or null
         */
        void message(String channel, ServerFrame.Message message, @Nullable String except);

        /**
         * Something may have been missed.
         *
         * @param channel the channel
         * @param reason why
         * @param position from where the channel goes on, or null when it keeps no history
         */
        void gap(String channel, ServerFrame.GapReason reason, @Nullable Position position);
    }
}
