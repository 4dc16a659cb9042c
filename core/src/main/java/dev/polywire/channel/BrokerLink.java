package dev.polywire.channel;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A channel's subscription at the broker, counted by its users.
 *
 * <p>At most one call is under way: an unsubscribe that is overtaken by the next subscribe would leave the node deaf. Whoever comes
 * during a call waits for it. Guarded by the channel's lock; the broker is called without it.
 */
final class BrokerLink {
    private enum State {
        OFF,
        SUBSCRIBING,
        ON,
        UNSUBSCRIBING
    }

    private final LocalChannel channel;
    private final Broker broker;

    /** How long somebody waits; the call itself may take longer, and what becomes of it then is nobody's but the channel's. */
    private final TimeLimit limit;

    private State state = State.OFF;
    private int users;
    private Set<Promise<Void>> waiting = new LinkedHashSet<>();

    BrokerLink(LocalChannel channel, Broker broker, TimeLimit limit) {
        this.channel = channel;
        this.broker = broker;
        this.limit = limit;
    }

    /** Tells whether nobody uses it and no call is under way. Under the lock. */
    boolean idle() {
        return users == 0 && state == State.OFF;
    }

    /**
     * Takes part. Whoever gets a future must {@link #release} later, whether it fails or not.
     *
     * @return completes when the broker has confirmed, on any thread; null when the channel has left the hub
     */
    @Nullable
    Future<Void> acquire() {
        Promise<Void> turn;
        synchronized (channel) {
            if (channel.dead()) {
                return null;
            }
            users++;
            if (state == State.ON) {
                return Future.succeededFuture();
            }
            turn = Promise.promise();
            waiting.add(turn);
            if (state != State.OFF) {
                return bounded(turn);
            }
            begin();
        }
        subscribe();
        return bounded(turn);
    }

    private Future<Void> bounded(Promise<Void> turn) {
        return limit.of(turn.future()).onFailure(late -> {
            synchronized (channel) {
                waiting.remove(turn);
            }
        });
    }

    void release() {
        synchronized (channel) {
            users--;
            if (users > 0 || state != State.ON) {
                channel.settle();
                return;
            }
            state = State.UNSUBSCRIBING;
        }
        unsubscribe();
    }

    private void unsubscribe() {
        broker.unsubscribe(channel.name).onComplete(this::unsubscribed);
    }

    private void begin() {
        state = State.SUBSCRIBING;
        channel.forgetPosition();
    }

    private void subscribe() {
        broker.subscribe(channel.name, channel.keep).onComplete(this::subscribed);
    }

    private void subscribed(AsyncResult<@Nullable Position> result) {
        Set<Promise<Void>> served;
        boolean late;
        synchronized (channel) {
            served = waiting;
            waiting = new LinkedHashSet<>();
            late = users == 0;
            if (result.failed()) {
                // Those who wait are told and release; who comes meanwhile tries afresh.
                state = State.OFF;
                channel.settle();
            } else if (late) {
                // All who asked for it have given up.
                state = State.UNSUBSCRIBING;
            } else {
                state = State.ON;
                channel.confirmed(result.result());
            }
        }
        if (late && result.succeeded()) {
            unsubscribe();
        }
        for (Promise<Void> turn : served) {
            if (result.succeeded()) {
                turn.complete();
            } else {
                turn.fail(result.cause());
            }
        }
    }

    private void unsubscribed(AsyncResult<Void> result) {
        if (result.failed()) {
            // Harmless: frames of a channel without subscribers are dropped, and the next subscribe is confirmed anew.
            Log.warn("The broker failed to unsubscribe from channel " + channel.name, result.cause());
        }
        synchronized (channel) {
            if (users == 0) {
                state = State.OFF;
                channel.settle();
                return;
            }
            begin();
        }
        subscribe();
    }
}
