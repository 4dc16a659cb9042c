package dev.polywire.channel;

import dev.polywire.ChannelHandler;
import dev.polywire.RealtimeOptions;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The channels of this node: who is subscribed, and how a message reaches them. */
public final class ChannelHub {

    /**
     * Creates the hub and begins to listen.
     *
     * @param options the engine's options
     * @param broker carries messages between nodes
     * @param presence knows who is where
     * @param codec encodes what is fanned out
     */
    public ChannelHub(RealtimeOptions options, Broker broker, PresenceStore presence, Codec codec) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets the application's handler of a namespace.
     *
     * @param namespace the namespace
     * @param handler the handler
     */
    public void handler(String namespace, ChannelHandler handler) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the application's handler for a channel.
     *
     * @param channel the channel
     * @return one that does nothing when none is set
     */
    public ChannelHandler handlerOf(String channel) {
        throw new UnsupportedOperationException();
    }

    /**
     * Subscribes. From here on live frames are held back in the subscription until {@link #open}.
     *
     * <p>Called on the subscriber's loop, where the future completes. Order: broker subscription confirmed, then {@code admit},
     * then presence, then history from {@code since}; when anything fails, everything is undone.
     *
     * @param subscriber who
     * @param channel the channel
     * @param since the client's position, or null
     * @param member who joins presence when the channel has it, or null for nobody
     * @param admit the application's consent and its snapshot (null for none); a failure refuses
     * @return what to tell the client, before {@link #open}
     */
    public Future<Joined> subscribe(
            Subscriber subscriber,
            String channel,
            @Nullable Position since,
            ServerFrame.@Nullable Member member,
            Supplier<Future<@Nullable Object>> admit) {
        throw new UnsupportedOperationException();
    }

    /**
     * Lets live frames through: delivers what was held back and is newer than what {@link Joined} told. On the subscriber's loop.
     *
     * @param subscription the subscription
     */
    public void open(Subscription subscription) {
        throw new UnsupportedOperationException();
    }

    /**
     * Unsubscribes, and leaves presence. On the subscriber's loop; nothing is delivered afterwards.
     *
     * @param subscription the subscription
     * @return completes when presence is left too
     */
    public Future<Void> unsubscribe(Subscription subscription) {
        throw new UnsupportedOperationException();
    }

    /**
     * Publishes through the broker.
     *
     * @param publication the message
     * @return what became of it
     */
    public Future<Broker.Receipt> publish(Broker.Publication publication) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads history.
     *
     * @param channel the channel
     * @param since null for all that is kept
     * @param limit at most this many
     * @param reverse newest first
     * @return fails with {@code no_history} when the channel keeps none
     */
    public Future<Broker.Slice> history(String channel, @Nullable Position since, int limit, boolean reverse) {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads presence.
     *
     * @param channel the channel
     * @param countOnly whether the number alone is wanted
     * @return fails with {@code no_presence} when the channel has none
     */
    public Future<PresenceStore.Snapshot> members(String channel, boolean countOnly) {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes a member's state.
     *
     * @param channel the channel
     * @param session the member's session
     * @param state the new state
     * @return false when it is no member; fails with {@code no_presence} when the channel has none
     */
    public Future<Boolean> setState(String channel, String session, Payload state) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns this node's subscribers of a channel.
     *
     * @param channel the channel
     * @return a copy
     */
    public Collection<Subscriber> subscribers(String channel) {
        throw new UnsupportedOperationException();
    }

    /**
     * Closes the broker and the presence store.
     *
     * @return completes when done
     */
    public Future<Void> close() {
        throw new UnsupportedOperationException();
    }

    /**
     * A subscription that has begun.
     *
     * @param subscription the subscription, to be opened next
     * @param position where the messages that follow begin; null without history
     * @param recovered whether {@code missed} goes on right after the client's position; null when none was given
     * @param missed what the client has missed, in order
     * @param presence the members, the new one included; null without presence
     * @param snapshot the application's, or null
     */
    public record Joined(
            Subscription subscription,
            @Nullable Position position,
            @Nullable Boolean recovered,
            List<Encoded> missed,
            PresenceStore.@Nullable Snapshot presence,
            @Nullable Payload snapshot) {}
}
