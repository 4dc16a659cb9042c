package dev.polywire.channel;

import dev.polywire.ChannelHandler;
import dev.polywire.RealtimeOptions;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The channels of this node: who is subscribed, and how a message reaches them. */
public final class ChannelHub {
    private static final ChannelHandler NO_HANDLER = new ChannelHandler() {};
    private static final ProtocolException CLOGGED =
            new ProtocolException(ErrorCode.UNAVAILABLE, "The channel has too much to deliver.", null, 100);

    private final ConcurrentHashMap<String, LocalChannel> channels = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, ChannelHandler> handlers = new ConcurrentHashMap<>();
    /** One for each event loop that has had subscribers; there are only so many. */
    private final ConcurrentHashMap<Loop, FanOut> fans = new ConcurrentHashMap<>();

    final RealtimeOptions options;
    private final Broker broker;
    private final PresenceStore presence;
    private final Codec codec;
    private final TimeLimit limit;

    /**
     * Creates the hub and begins to listen.
     *
     * @param options the engine's options
     * @param broker carries messages between nodes
     * @param presence knows who is where
     * @param codec encodes what is fanned out
     * @param limit how long the broker and the presence store are waited for
     */
    public ChannelHub(RealtimeOptions options, Broker broker, PresenceStore presence, Codec codec, TimeLimit limit) {
        this.options = options;
        this.broker = new TimedBroker(broker, limit);
        this.presence = new TimedPresence(presence, limit);
        this.codec = codec;
        this.limit = limit;
        broker.listen(new Broker.Listener() {
            @Override
            public void message(String channel, ServerFrame.Message message, @Nullable String except) {
                LocalChannel local = channels.get(channel);
                if (local != null) {
                    local.message(message, except);
                }
            }

            @Override
            public void gap(String channel, ServerFrame.GapReason reason, @Nullable Position position) {
                LocalChannel local = channels.get(channel);
                if (local != null) {
                    local.gap(reason, position);
                    tellMembers(local);
                }
            }
        });
        presence.listen((channel, change, except) -> {
            LocalChannel local = channels.get(channel);
            if (local != null && local.options.joinLeave()) {
                local.presence(change, except);
            }
        });
    }

    /**
     * Sets the application's handler of a namespace.
     *
     * @param namespace the namespace
     * @param handler the handler
     */
    public void handler(String namespace, ChannelHandler handler) {
        handlers.put(namespace, handler);
    }

    /**
     * Returns the application's handler for a channel.
     *
     * @param channel the channel
     * @return one that does nothing when none is set
     */
    public ChannelHandler handlerOf(String channel) {
        int colon = channel.indexOf(':');
        ChannelHandler handler = handlers.get(colon < 0 ? channel : channel.substring(0, colon));
        return handler == null ? NO_HANDLER : handler;
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
        Acquired acquired = acquire(channel);
        int outbox = options.session().outbox();
        Subscription subscription = new Subscription(subscriber, acquired.local(), outbox);
        return new Subscribing(this, subscription, since, member, outbox / 2).run(acquired.confirmed(), admit);
    }

    Acquired acquire(String channel) {
        while (true) {
            LocalChannel local = channels.computeIfAbsent(
                    channel,
                    name -> new LocalChannel(
                            name,
                            options.channelOptions(name),
                            broker,
                            limit,
                            codec,
                            this::fanOf,
                            () -> handlerOf(name),
                            this::remove));
            Future<Void> confirmed = local.link.acquire();
            if (confirmed != null) {
                return new Acquired(local, confirmed);
            }
        }
    }

    record Acquired(LocalChannel local, Future<Void> confirmed) {}

    /**
     * Has a channel's messages come to this node before its subscriber does, who comes from another one (rule 37).
     *
     * @param channel the channel
     * @return completes when the broker has confirmed; to be released
     */
    public Future<Holding> hold(String channel) {
        Acquired acquired = acquire(channel);
        Holding holding = new Holding(acquired.local());
        return acquired.confirmed().onFailure(cause -> holding.release()).map(holding);
    }

    /**
     * Lets live frames through: delivers what was held back and is newer than what {@link Joined} told. On the subscriber's loop.
     *
     * @param subscription the subscription
     */
    public void open(Subscription subscription) {
        if (!subscription.closed() && !subscription.opened() && !subscription.opening) {
            subscription.opening = true;
            new Opening(this, subscription).run();
        }
    }

    /**
     * Delivers the newest message of each key again where the channel keeps those: after a gap the client may have missed some, and
     * the next of that key may be long in coming (R24). On the subscriber's loop.
     *
     * @param subscription the subscription; nothing happens unless it is open
     */
    public void again(Subscription subscription) {
        Position at = subscription.position();
        if (!subscription.local.keep.newest() || at == null || subscription.closed() || !subscription.opened()) {
            return;
        }
        // What is published from now on waits, or an older value could follow a newer one.
        subscription.holdAgain();
        Newest.read(this, subscription, at, options.session().outbox() / 2).onComplete(read -> {
            if (read.succeeded() && subscription.goOn(read.result().top())) {
                for (Encoded frame : read.result().frames()) {
                    if (subscription.closed()) {
                        return;
                    }
                    subscription.subscriber().deliver(subscription, frame);
                }
            } else if (read.failed()) {
                Log.warn("The newest of channel " + subscription.channel() + " could not be read", read.cause());
            }
            if (!subscription.closed()) {
                new Opening(this, subscription).run();
            }
        });
    }

    /**
     * Unsubscribes, and leaves presence. On the subscriber's loop; nothing is delivered afterwards.
     *
     * @param subscription the subscription
     * @return completes when presence is left too
     */
    public Future<Void> unsubscribe(Subscription subscription) {
        return leave(subscription, true);
    }

    /**
     * Publishes through the broker.
     *
     * @param publication the message
     * @return what became of it; fails with {@code unavailable} while a loop of this node does not keep up with what it has to
     *     deliver of the channel, before anything is stored
     */
    public Future<Broker.Receipt> publish(Broker.Publication publication) {
        String channel = publication.message().channel();
        LocalChannel local = channel == null ? null : channels.get(channel);
        return local != null && local.clogged() ? Future.failedFuture(CLOGGED) : broker.publish(publication);
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
        Broker.Keep keep = options.channelOptions(channel).keep();
        if (keep.size() == 0) {
            return Future.failedFuture(
                    new ProtocolException(ErrorCode.NO_HISTORY, "The channel " + channel + " keeps no history."));
        }
        return broker.read(channel, keep, since, limit, reverse);
    }

    /**
     * Reads presence.
     *
     * @param channel the channel
     * @param countOnly whether the number alone is wanted
     * @return fails with {@code no_presence} when the channel has none
     */
    public Future<PresenceStore.Snapshot> members(String channel, boolean countOnly) {
        return ifPresence(channel, () -> presence.read(channel, countOnly ? 0 : Integer.MAX_VALUE));
    }

    /**
     * Reads presence for a frame, which may not carry all members of a large channel.
     *
     * @param channel the channel
     * @param countOnly whether the number alone is wanted
     * @return fails with {@code no_presence} when the channel has none
     */
    public Future<PresenceStore.Snapshot> listed(String channel, boolean countOnly) {
        return ifPresence(channel, () -> presence.read(channel, countOnly ? 0 : listBytes()));
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
        return ifPresence(channel, () -> presence.update(channel, session, state));
    }

    /**
     * Returns this node's subscribers of a channel.
     *
     * @param channel the channel
     * @return a copy
     */
    public Collection<Subscriber> subscribers(String channel) {
        LocalChannel local = channels.get(channel);
        return local == null ? List.of() : local.subscribers();
    }

    /**
     * Closes the broker and the presence store.
     *
     * @return completes when done
     */
    public Future<Void> close() {
        return Future.join(broker.close(), presence.close()).mapEmpty();
    }

    Broker broker() {
        return broker;
    }

    /** For tests. */
    int channels() {
        return channels.size();
    }

    PresenceStore presence() {
        return presence;
    }

    /** Ends a subscription, or a subscribe that failed on the way. On the subscriber's loop; the second call waits for the first. */
    Future<Void> leave(Subscription subscription, boolean joined) {
        Future<Void> left = subscription.left;
        if (left != null) {
            return left;
        }
        LocalChannel local = subscription.local;
        subscription.close();
        if (joined) {
            local.leave(subscription);
        }
        local.link.release();
        left = subscription.member
                ? Steps.on(
                        subscription.subscriber().loop(),
                        presence.leave(local.name, subscription.subscriber().id())
                                .mapEmpty())
                : Future.succeededFuture();
        subscription.left = left;
        return left;
    }

    /** Sends the members after a gap (R24): changes of presence may have been in it. */
    void tellMembers(Subscription subscription) {
        LocalChannel local = subscription.local;
        if (tells(local)) {
            Steps.on(subscription.subscriber().loop(), presence.read(local.name, listBytes()))
                    .onSuccess(now -> subscription.offer(local.encode(list(local, now))))
                    .onFailure(cause -> {
                        subscription.membersUnknown();
                        Log.warn("Presence of channel " + local.name + " could not be read", cause);
                    });
        }
    }

    private void tellMembers(LocalChannel local) {
        if (tells(local)) {
            presence.read(local.name, listBytes())
                    .onSuccess(now -> local.presence(list(local, now), null))
                    .onFailure(cause -> Log.warn("Presence of channel " + local.name + " could not be read", cause));
        }
    }

    private static boolean tells(LocalChannel local) {
        return local.options.presence() && local.options.joinLeave();
    }

    /** How many bytes the members may take that one frame tells of. */
    int listBytes() {
        return options.session().window() / 2;
    }

    private static ServerFrame list(LocalChannel local, PresenceStore.Snapshot now) {
        return new ServerFrame.PresenceList(null, local.name, now.members(), now.count(), now.version());
    }

    private <T> Future<T> ifPresence(String channel, Supplier<Future<T>> step) {
        if (!options.channelOptions(channel).presence()) {
            return Future.failedFuture(
                    new ProtocolException(ErrorCode.NO_PRESENCE, "The channel " + channel + " has no presence."));
        }
        return Steps.call(step);
    }

    private FanOut fanOf(Loop loop) {
        return fans.computeIfAbsent(loop, FanOut::new);
    }

    private void remove(LocalChannel local) {
        channels.remove(local.name, local);
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
