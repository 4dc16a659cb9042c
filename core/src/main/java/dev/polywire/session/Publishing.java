package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** What one client publishes: asks the application, hands it to the broker, and tells the client what became of it. On the session's loop. */
final class Publishing {
    /** How long the application may take to consent, milliseconds. */
    private static final long PATIENCE = 10_000;

    /** So many may be under way to the broker; then the frames that follow wait in the inbox, which has a bound. */
    private static final int MOST = 64;

    private static final Future<Void> DONE = Future.succeededFuture();

    private final LiveSession session;
    private final Dispatcher dispatcher;
    private int underWay;

    /** What the next frame waits for when there are {@link #MOST}. */
    private @Nullable Promise<Void> room;

    Publishing(LiveSession session, Dispatcher dispatcher) {
        this.session = session;
        this.dispatcher = dispatcher;
    }

    /** Publishes one message; the returned future completes when the next frame may start. */
    Future<Void> publish(ClientFrame.Publish frame, long number) {
        String channel = frame.channel();
        ChannelOptions options = session.engine().options().channelOptions(channel);
        if (options.publish() == ChannelOptions.Publishers.NOBODY) {
            session.refuse(ErrorCode.FORBIDDEN, "Clients may not publish here.", frame.id(), channel, number, 0);
            return DONE;
        }
        if (options.publish() == ChannelOptions.Publishers.SUBSCRIBERS
                && !session.memberships().in(channel)) {
            session.refuse(
                    ErrorCode.NOT_SUBSCRIBED, "Subscribe before publishing here.", frame.id(), channel, number, 0);
            return DONE;
        }
        return dispatcher.allowed(Action.PUBLISH, channel, frame.id(), number, () -> consented(frame, options, number));
    }

    private Future<Void> consented(ClientFrame.Publish frame, ChannelOptions options, long number) {
        String channel = frame.channel();
        Broker.Publication publication = new Broker.Publication(
                new ServerFrame.Message(
                        channel,
                        frame.event(),
                        frame.payload(),
                        session.engine().wallClock(),
                        0,
                        session.principal().id(),
                        frame.key(),
                        frame.sentAt(),
                        frame.traceId(),
                        frame.confirm() ? Secrets.token() : null,
                        1),
                options.keep(),
                frame.id() == null ? null : dedupe(frame.id()),
                frame.echo() ? null : session.id());
        Future<Broker.Publication> admitted =
                session.engine().hub().handlerOf(channel).onPublish(session, publication);
        if (admitted.succeeded()) {
            return issue(frame, admitted.result(), number);
        }
        return within(admitted)
                .transform(result -> dispatcher.onLoop(() -> {
                    Throwable cause = result.cause();
                    if (result.succeeded()) {
                        try {
                            return issue(frame, result.result(), number);
                        } catch (Throwable e) {
                            // A null, for example; one that comes at once is caught where the application is asked.
                            Faults.contain(e);
                            cause = e;
                        }
                    }
                    dispatcher.refused(cause, frame.id(), channel, number);
                    return DONE;
                }));
    }

    /** Bounds what the application may take, by the session's own clock; what comes later is of no use any more. */
    private <T> Future<T> within(Future<T> answer) {
        if (answer.isComplete()) {
            return answer;
        }
        Promise<T> promise = Promise.promise();
        TimerWheel.Timer timer = session.loop()
                .after(
                        PATIENCE,
                        () -> promise.tryFail(
                                new ProtocolException(ErrorCode.TIMEOUT, "The application did not answer in time.")));
        answer.onComplete(result -> session.loop().run(() -> {
            timer.cancel();
            if (result.succeeded()) {
                promise.tryComplete(result.result());
            } else {
                promise.tryFail(result.cause());
            }
        }));
        return promise.future();
    }

    /** Hands it to the broker. The next frame need not wait for the answer, unless there are many that wait for theirs. */
    private Future<Void> issue(ClientFrame.Publish frame, Broker.Publication publication, long number) {
        try {
            session.engine().sized(publication.message().payload());
        } catch (ProtocolException e) {
            dispatcher.refused(e, frame.id(), frame.channel(), number);
            return DONE;
        }
        session.engine().counters().published();
        underWay++;
        Future<Broker.Receipt> published = session.engine().hub().publish(publication);
        if (!published.isComplete()) {
            session.calls().begin(number, frame.id(), frame.channel());
        }
        published.onComplete(result -> session.loop().run(() -> {
            try {
                answer(frame, result, number);
            } finally {
                session.calls().end(number);
                answered();
            }
        }));
        if (underWay < MOST) {
            return DONE;
        }
        Promise<Void> next = Promise.promise();
        room = next;
        return next.future();
    }

    private void answer(ClientFrame.Publish frame, AsyncResult<Broker.Receipt> result, long number) {
        if (result.failed()) {
            dispatcher.unavailable(result.cause(), frame.id(), frame.channel(), number);
        } else if (frame.id() != null) {
            session.enqueue(new ServerFrame.Ack(
                    frame.id(), result.result().position(), result.result().duplicate()));
        }
    }

    private void answered() {
        underWay--;
        Promise<Void> waiting = room;
        if (waiting != null) {
            room = null;
            waiting.complete();
        }
    }

    /** Within a channel publishes are told apart by user, page and id, so that nobody's id can swallow another's (hole 24). */
    private String dedupe(String id) {
        return ClientKey.of(session.principal(), session.client()) + id;
    }
}
