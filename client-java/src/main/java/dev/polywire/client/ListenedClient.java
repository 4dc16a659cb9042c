package dev.polywire.client;

import io.vertx.core.Handler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a client that tells what happens. */
abstract class ListenedClient implements PolywireClient {
    private static final Logger LOG = LoggerFactory.getLogger(PolywireClient.class);

    final Events events = new Events(this::thrown, LOG);

    /** A handler of the application threw. */
    public void thrown(Throwable error) {
        events.thrown(error);
    }

    @Override
    public Runnable onState(Handler<StateChange> handler) {
        return events.states.on(handler);
    }

    @Override
    public Runnable onTransport(Handler<TransportChange> handler) {
        return events.transports.on(handler);
    }

    @Override
    public Runnable onResumed(Handler<String> handler) {
        return events.resumes.on(handler);
    }

    @Override
    public Runnable onReset(Handler<Reset> handler) {
        return events.resets.on(handler);
    }

    @Override
    public Runnable onLost(Handler<Loss> handler) {
        return events.losses.on(handler);
    }

    @Override
    public Runnable onGap(Handler<Gap> handler) {
        return events.gaps.on(handler);
    }

    @Override
    public Runnable onMessage(Handler<Message> handler) {
        return events.messages.on(handler);
    }

    @Override
    public Runnable onExpiring(Handler<Expiring> handler) {
        return events.expiring.on(handler);
    }

    @Override
    public Runnable onError(Handler<Throwable> handler) {
        return events.errors.on(handler);
    }
}
