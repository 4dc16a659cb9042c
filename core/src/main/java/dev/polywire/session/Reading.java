package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions.Readers;
import dev.polywire.ChannelOptions.Subscribers;
import dev.polywire.Principal;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one client asks of a channel without subscribing to it: its history and its members. On the session's loop. */
final class Reading {
    private static final Logger LOG = LoggerFactory.getLogger(Reading.class);

    /** How long the application may take to consent, in seconds. */
    private static final long PATIENCE = 10;

    private static final Future<@Nullable Void> DONE = Future.succeededFuture();

    private final LiveSession session;
    private final Dispatcher dispatcher;

    Reading(LiveSession session, Dispatcher dispatcher) {
        this.session = session;
        this.dispatcher = dispatcher;
    }

    Future<Void> presence(ClientFrame.Presence frame, long number) {
        String channel = frame.channel();
        return allowed(Action.PRESENCE, channel, frame.id(), number, () -> {
            Payload state = frame.state();
            if (state != null && !session.memberships().in(channel)) {
                session.refuse(ErrorCode.NOT_SUBSCRIBED, "Only members have a state.", frame.id(), channel, number, 0);
                return DONE;
            }
            Future<?> set = state == null ? DONE : session.engine().hub().setState(channel, session.id(), state);
            return set.compose(done -> session.engine().hub().listed(channel, frame.countOnly()))
                    .transform(read -> dispatcher.onLoop(() -> {
                        if (read.succeeded()) {
                            session.enqueue(new ServerFrame.PresenceList(
                                    frame.id(),
                                    channel,
                                    frame.countOnly() ? null : read.result().members(),
                                    read.result().count(),
                                    read.result().version()));
                        } else {
                            dispatcher.unavailable(read.cause(), frame.id(), channel, number);
                        }
                        return DONE;
                    }));
        });
    }

    Future<Void> history(ClientFrame.History frame, long number) {
        String channel = frame.channel();
        return allowed(
                Action.HISTORY,
                channel,
                frame.id(),
                number,
                () -> session.engine()
                        .hub()
                        .history(channel, frame.since(), frame.limit(), frame.reverse())
                        .transform(read -> dispatcher.onLoop(() -> {
                            if (read.failed()) {
                                dispatcher.unavailable(read.cause(), frame.id(), channel, number);
                                return DONE;
                            }
                            Broker.Slice slice = Slices.within(
                                    read.result(),
                                    session.engine().options().session().window() / 2);
                            session.enqueue(new ServerFrame.History(
                                    frame.id(), channel, slice.messages(), slice.top(), slice.more()));
                            return DONE;
                        })));
    }

    /** Goes on when the options, the authoriser, and, for who is not subscribed, the channel's handler consent. */
    private Future<Void> allowed(Action action, String channel, String id, long number, Supplier<Future<Void>> then) {
        Engine engine = session.engine();
        Readers readers = engine.options().channelOptions(channel).read();
        if (readers == Readers.NOBODY) {
            session.refuse(ErrorCode.FORBIDDEN, "Clients may not ask for this here.", id, channel, number, 0);
            return DONE;
        }
        boolean subscribed = session.memberships().in(channel);
        if (!subscribed
                && (readers == Readers.SUBSCRIBERS
                        || engine.access().gate().subscribers(channel) == Subscribers.TOKEN)) {
            session.refuse(ErrorCode.NOT_SUBSCRIBED, "Subscribe before reading here.", id, channel, number, 0);
            return DONE;
        }
        return dispatcher.allowed(
                action,
                channel,
                id,
                number,
                () -> subscribed
                        ? then.get()
                        : consent(engine, session.principal(), channel)
                                .transform(consented -> dispatcher.onLoop(() -> {
                                    if (consented.succeeded()) {
                                        return then.get();
                                    }
                                    dispatcher.refused(consented.cause(), id, channel, number);
                                    return DONE;
                                })));
    }

    /** Asks a channel's handler whether somebody who is not subscribed may read; fails with a {@link ProtocolException}. */
    static Future<@Nullable Void> consent(Engine engine, Principal principal, String channel) {
        Future<@Nullable Void> answer;
        try {
            answer = Objects.requireNonNull(
                    engine.hub().handlerOf(channel).onRead(principal, channel), "the handler's answer");
        } catch (Throwable e) {
            Faults.contain(e);
            answer = Future.failedFuture(e);
        }
        if (answer.succeeded()) {
            return answer;
        }
        Future<@Nullable Void> bounded = answer.isComplete() ? answer : answer.timeout(PATIENCE, TimeUnit.SECONDS);
        return bounded.recover(cause -> {
            if (cause instanceof ProtocolException) {
                return Future.failedFuture(cause);
            }
            LOG.warn("read_refused channel={}", Logged.line(channel), cause);
            return Future.failedFuture(new ProtocolException(ErrorCode.FORBIDDEN, "Refused by the application."));
        });
    }
}
