package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * A broker whose answers are waited for only so long, and that does not throw. A subscribe or unsubscribe is not cut short: its
 * {@link BrokerLink} must know when it is really over, and bounds how long those wait who asked for it.
 */
final class TimedBroker implements Broker {
    private final Broker broker;
    private final TimeLimit limit;

    TimedBroker(Broker broker, TimeLimit limit) {
        this.broker = broker;
        this.limit = limit;
    }

    @Override
    public void listen(Listener listener) {
        broker.listen(listener);
    }

    @Override
    public Future<@Nullable Position> subscribe(String channel, Keep keep) {
        return Steps.call(() -> broker.subscribe(channel, keep));
    }

    @Override
    public Future<Void> unsubscribe(String channel) {
        return Steps.call(() -> broker.unsubscribe(channel));
    }

    @Override
    public Future<Receipt> publish(Publication publication) {
        return limit.of(Steps.call(() -> broker.publish(publication)));
    }

    @Override
    public Future<Slice> read(
            String channel, Keep keep, @Nullable Position since, int limitOfMessages, boolean reverse) {
        return limit.of(Steps.call(() -> broker.read(channel, keep, since, limitOfMessages, reverse)));
    }

    @Override
    public Future<Void> close() {
        return limit.of(Steps.call(broker::close));
    }
}
