package dev.polywire;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** What an application does with channels. Safe to call from any thread. */
public interface Channels {

    /**
     * Publishes a message.
     *
     * @param channel the channel
     * @param event the application's event name
     * @param payload what {@link dev.polywire.protocol.Payload#of} takes
     * @return its position, or a null one when the channel keeps no history; fails with {@code bad_channel}, or with
     *     {@code too_large} when the payload is over {@link SessionOptions#window}, which no session could take
     */
    Future<Broker.Receipt> publish(String channel, String event, @Nullable Object payload);

    /**
     * Publishes a message with everything that can be said of it.
     *
     * @param message the message
     * @return its position, or a null one when the channel keeps no history; fails with {@code bad_channel}, or with
     *     {@code too_large} when the payload is over {@link SessionOptions#window}, which no session could take
     */
    Future<Broker.Receipt> publish(Outgoing message);

    /**
     * Reads history.
     *
     * @param channel the channel
     * @param since read what comes after, or null for all that is kept
     * @param limit at most this many
     * @return the messages, oldest first
     */
    Future<Broker.Slice> history(String channel, @Nullable Position since, int limit);

    /**
     * Counts this node's subscribers.
     *
     * @param channel the channel
     * @return sessions and bare readers
     */
    int subscribers(String channel);

    /**
     * Sets what the application does in the channels of a namespace; one handler for each.
     *
     * @param namespace what stands before the first {@code :} of a channel's name
     * @param handler the handler
     * @return this
     */
    Channels handler(String namespace, ChannelHandler handler);

    /**
     * A message to publish.
     *
     * @param channel the channel
     * @param event the application's event name, or null
     * @param payload what {@link dev.polywire.protocol.Payload#of} takes
     * @param id a repeat with the same id is dropped for a few minutes; null never drops
     * @param key for {@link SlowConsumerPolicy#LATEST}: what a newer message replaces; or null
     * @param confirm whether each client's application has to confirm it
     * @param traceId carried through, or null
     */
    record Outgoing(
            String channel,
            @Nullable String event,
            @Nullable Object payload,
            @Nullable String id,
            @Nullable String key,
            boolean confirm,
            @Nullable String traceId) {}
}
