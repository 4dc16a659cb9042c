package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions.Subscribers;
import dev.polywire.Principal;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each kind of accepted frame does. A returned future completes when the next frame may start; it never fails. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final String NO_TOKEN = "The token for this channel is missing, refused or expired.";
    private static final Future<Void> DONE = Future.succeededFuture();

    private final LiveSession session;
    private final Publishing publishing;
    private final Reading reading;
    private int requests;

    Dispatcher(LiveSession session) {
        this.session = session;
        this.publishing = new Publishing(session, this);
        this.reading = new Reading(session, this);
    }

    /** Lets one counted frame take effect. */
    Future<Void> dispatch(Buffer bytes, long number) {
        ClientFrame frame;
        try {
            frame = session.codec().decode(bytes);
        } catch (ProtocolException e) {
            session.uplink().bad(e, number);
            return DONE;
        }
        try {
            return handle(frame, number);
        } catch (Throwable e) {
            Faults.contain(e);
            LOG.error("A frame could not be handled session={} frame={}", session.id(), number, e);
            session.refuse(ErrorCode.INTERNAL, "The server failed.", null, null, number, 0);
            return DONE;
        }
    }

    private Future<Void> handle(ClientFrame frame, long number) {
        if (frame instanceof ClientFrame.Publish publish) {
            return publishing.publish(publish, number);
        } else if (frame instanceof ClientFrame.Subscribe subscribe) {
            return subscribe(subscribe, subscribe.channels().iterator(), number);
        } else if (frame instanceof ClientFrame.Unsubscribe unsubscribe) {
            List<Future<Void>> leaving = new ArrayList<>(unsubscribe.channels().size());
            for (String channel : unsubscribe.channels()) {
                leaving.add(session.memberships().leave(unsubscribe.id(), channel, null, number));
            }
            return leaving.size() == 1 ? leaving.get(0) : Future.join(leaving).mapEmpty();
        } else if (frame instanceof ClientFrame.Request request) {
            return request(request, number);
        } else if (frame instanceof ClientFrame.Presence presence) {
            return reading.presence(presence, number);
        } else if (frame instanceof ClientFrame.History history) {
            return reading.history(history, number);
        } else if (frame instanceof ClientFrame.Refresh refresh) {
            return refresh(refresh, number);
        } else if (frame instanceof ClientFrame.Reply reply) {
            session.asks().replied(reply.id(), reply.payload());
        } else if (frame instanceof ClientFrame.Failure failure) {
            session.asks().refused(failure.id(), failure.code(), failure.message());
        } else if (frame instanceof ClientFrame.Ack ack) {
            session.confirms().confirmed(ack.id());
        }
        return DONE;
    }

    private Future<Void> subscribe(ClientFrame.Subscribe frame, Iterator<String> rest, long number) {
        while (rest.hasNext() && !session.over()) {
            String channel = rest.next();
            Future<Void> joined = join(frame, channel, number);
            if (!joined.isComplete()) {
                return joined.transform(done -> onLoop(() -> subscribe(frame, rest, number)));
            }
        }
        return DONE;
    }

    private Future<Void> join(ClientFrame.Subscribe frame, String channel, long number) {
        if (!session.memberships().in(channel)
                && session.memberships().size()
                        >= session.engine().options().session().channels()) {
            session.refuse(ErrorCode.CHANNEL_LIMIT, "Too many channels.", frame.id(), channel, number, 0);
            return DONE;
        }
        if (session.engine().access().gate().subscribers(channel) == Subscribers.TOKEN
                && !session.memberships().in(channel)) {
            return session.engine()
                    .access()
                    .shown(session.principal(), channel, frame.tokens().get(channel))
                    .transform(shown -> onLoop(() -> {
                        if (shown.succeeded() && shown.result()) {
                            return enter(frame, channel, number);
                        }
                        session.refuse(ErrorCode.FORBIDDEN, NO_TOKEN, frame.id(), channel, number, 0);
                        return DONE;
                    }));
        }
        return enter(frame, channel, number);
    }

    private Future<Void> enter(ClientFrame.Subscribe frame, String channel, long number) {
        return allowed(
                Action.SUBSCRIBE,
                channel,
                frame.id(),
                number,
                () -> session.memberships()
                        .join(frame.id(), channel, frame.positions().get(channel), number));
    }

    private Future<Void> request(ClientFrame.Request frame, long number) {
        if (requests >= session.engine().options().session().requests()) {
            session.refuse(ErrorCode.UNAVAILABLE, "Too many requests are under way.", frame.id(), null, number, 1000);
            return DONE;
        }
        return allowed(Action.REQUEST, frame.address(), frame.id(), number, () -> {
            requests++;
            session.calls().begin(number, frame.id(), null);
            session.engine()
                    .requests()
                    .answer(session, frame)
                    .onComplete(result -> session.loop().run(() -> {
                        requests--;
                        if (result.succeeded()) {
                            reply(frame, result.result(), number);
                        } else {
                            unavailable(result.cause(), frame.id(), null, number);
                        }
                        session.calls().end(number);
                    }));
            return DONE;
        });
    }

    private void reply(ClientFrame.Request frame, Payload payload, long number) {
        if (payload.bytes().length > session.engine().options().session().window()) {
            session.refuse(ErrorCode.TOO_LARGE, "The reply is over the limit.", frame.id(), null, number, 0);
        } else {
            session.enqueue(new ServerFrame.Reply(frame.id(), payload));
        }
    }

    private Future<Void> refresh(ClientFrame.Refresh frame, long number) {
        return session.engine()
                .access()
                .second()
                .refresh(session, frame.token())
                .transform(done -> onLoop(() -> {
                    if (done.succeeded()) {
                        session.enqueue(new ServerFrame.Ack(frame.id(), null, false));
                    } else {
                        unavailable(done.cause(), frame.id(), null, number);
                    }
                    return DONE;
                }));
    }

    /** Asks the authoriser and goes on if it consents; at once when it answers at once. */
    Future<Void> allowed(Action action, String target, @Nullable String id, long number, Supplier<Future<Void>> then) {
        if (action != Action.REQUEST && !session.engine().isChannel(target)) {
            session.refuse(ErrorCode.BAD_CHANNEL, "This is not a channel name.", id, target, number, 0);
            return DONE;
        }
        Principal asker = session.principal();
        Future<Boolean> verdict = session.engine().access().allowed(asker, action, target);
        if (verdict.succeeded()) {
            return verdict(verdict.result(), action, target, id, number, then);
        }
        return verdict.transform(result -> onLoop(() -> {
            boolean yes = Boolean.TRUE.equals(result.result());
            // It was resumed with other credentials meanwhile, which may allow less.
            return yes && session.principal() != asker
                    ? allowed(action, target, id, number, then)
                    : verdict(yes, action, target, id, number, then);
        }));
    }

    private Future<Void> verdict(
            boolean allowed,
            Action action,
            String target,
            @Nullable String id,
            long number,
            Supplier<Future<Void>> then) {
        if (!allowed) {
            String channel = action == Action.REQUEST ? null : target;
            session.refuse(ErrorCode.FORBIDDEN, "Not allowed.", id, channel, number, 0);
            return DONE;
        }
        try {
            return then.get();
        } catch (Throwable e) {
            Faults.contain(e);
            refused(e, id, action == Action.REQUEST ? null : target, number);
            return DONE;
        }
    }

    void refused(Throwable cause, @Nullable String id, @Nullable String channel, long number) {
        if (cause instanceof ProtocolException refusal) {
            session.refuse(refusal.code(), refusal.text(), id, channel, number, refusal.retryAfter());
        } else {
            LOG.warn("refused session={} channel={}", session.id(), channel, cause);
            session.refuse(ErrorCode.FORBIDDEN, "Refused by the application.", id, channel, number, 0);
        }
    }

    void unavailable(Throwable cause, @Nullable String id, @Nullable String channel, long number) {
        if (cause instanceof ProtocolException refusal) {
            session.refuse(refusal.code(), refusal.text(), id, channel, number, refusal.retryAfter());
        } else {
            LOG.warn("failed session={} channel={}", session.id(), channel, cause);
            session.refuse(ErrorCode.INTERNAL, "The server failed.", id, channel, number, 0);
        }
    }

    /** Goes on with the session, on its loop. */
    Future<Void> onLoop(Supplier<Future<Void>> task) {
        if (session.loop().inLoop()) {
            return task.get();
        }
        Promise<Void> promise = Promise.promise();
        session.loop().execute(() -> {
            try {
                task.get().onComplete(promise);
            } catch (Throwable e) {
                // What waits for it must go on.
                promise.fail(e);
                throw e;
            }
        });
        return promise.future();
    }
}
