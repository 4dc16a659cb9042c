package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes subscribers in who come from another node, and are members of their channels already (rules 34 and 37). */
public final class Comeback {
    private final ChannelHub hub;

    /**
     * Creates it.
     *
     * @param hub the channels of this node
     */
    public Comeback(ChannelHub hub) {
        this.hub = hub;
    }

    /**
     * Subscribes as {@link ChannelHub#subscribe} does, but leaves the member where it is when that fails: it may be tried again, and nobody is to see it go and come.
     *
     * @param subscriber who
     * @param channel the channel
     * @param since where the subscriber was, or null
     * @param member who is in presence already when the channel has it
     * @param still asked before presence is joined: a failure gives up, because the subscriber is not waiting any more
     * @return what to tell the client, before {@link ChannelHub#open}
     */
    public Future<ChannelHub.Joined> join(
            Subscriber subscriber,
            String channel,
            @Nullable Position since,
            ServerFrame.Member member,
            Supplier<Future<@Nullable Object>> still) {
        ChannelHub.Acquired acquired = hub.acquire(channel);
        int outbox = hub.options.session().outbox();
        Subscription subscription = new Subscription(subscriber, acquired.local(), outbox);
        return new Subscribing(hub, subscription, since, member, outbox / 2)
                .stays()
                .run(acquired.confirmed(), still);
    }

    /**
     * Takes a member out of a channel that was never joined here, or not in full. It is joined before, without which the store would leave it to the node that it comes from.
     *
     * @param channel the channel
     * @param member who
     * @return completes when it has left, and fails when that is not known: then it stays for as long as its node before keeps it
     */
    public Future<Void> leave(String channel, ServerFrame.Member member) {
        if (!hub.options.channelOptions(channel).presence()) {
            return Future.succeededFuture();
        }
        return hub.presence()
                .join(channel, member, 0)
                .transform(joined -> hub.presence().leave(channel, member.session()))
                .mapEmpty();
    }
}
