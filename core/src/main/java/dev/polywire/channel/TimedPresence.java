package dev.polywire.channel;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;

/** A presence store whose answers are waited for only so long, and that does not throw. */
final class TimedPresence implements PresenceStore {
    private final PresenceStore store;
    private final TimeLimit limit;

    TimedPresence(PresenceStore store, TimeLimit limit) {
        this.store = store;
        this.limit = limit;
    }

    @Override
    public void listen(Listener listener) {
        store.listen(listener);
    }

    @Override
    public Future<Snapshot> join(String channel, ServerFrame.Member member, int bytes) {
        return limit.of(Steps.call(() -> store.join(channel, member, bytes)));
    }

    @Override
    public Future<Boolean> update(String channel, String session, Payload state) {
        return limit.of(Steps.call(() -> store.update(channel, session, state)));
    }

    @Override
    public Future<Boolean> leave(String channel, String session) {
        return limit.of(Steps.call(() -> store.leave(channel, session)));
    }

    @Override
    public Future<Snapshot> read(String channel, int bytes) {
        return limit.of(Steps.call(() -> store.read(channel, bytes)));
    }

    @Override
    public Future<Void> close() {
        return limit.of(Steps.call(store::close));
    }
}
