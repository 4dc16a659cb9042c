package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions;
import dev.polywire.Principal;
import dev.polywire.channel.Encoded;
import dev.polywire.channel.Faults;
import dev.polywire.channel.Subscriber;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A position read: a connection that follows channels without a session (rule 12). It keeps no state beyond its cursor. */
final class BareReader implements Subscriber, Attachment, EventLoop.Sender, Wire.Owner {
    private static final int MOST_CHANNELS = 32;
    private static final int HISTORY = 1000;
    private static final int BATCH = 128 * 1024;

    private final Engine engine;
    private final EventLoop loop;
    private final String id = Secrets.token();
    private final Wire wire;
    private final Principal principal;
    private final Map<String, @Nullable Position> positions = new LinkedHashMap<>();
    private final Map<String, @Nullable Position> starts = new LinkedHashMap<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final ArrayDeque<Encoded> queue = new ArrayDeque<>();
    private int bytes;
    private boolean started;
    private boolean partial;
    private boolean dirty;
    private boolean over;
    private TimerWheel.@Nullable Timer expiry;
    private TimerWheel.@Nullable Timer age;

    private BareReader(
            Engine engine, EventLoop loop, Principal principal, Connection connection, ContextInternal context) {
        this.engine = engine;
        this.principal = principal;
        this.loop = loop;
        this.wire = new Wire(connection, context, loop, "bare");
    }

    /** Begins to read; on the connection's context, where the future completes. */
    static Future<SessionGateway.Reader> begin(
            Engine engine,
            Principal principal,
            List<String> wanted,
            @Nullable String cursor,
            boolean fromStart,
            Connection connection,
            ContextInternal context) {
        Set<String> channels = new LinkedHashSet<>(wanted);
        if (channels.isEmpty() || channels.size() > MOST_CHANNELS) {
            throw new Refusal(
                    ErrorCode.CHANNEL_LIMIT,
                    CloseReason.POLICY,
                    "A bare read is of 1 to " + MOST_CHANNELS + " channels.");
        }
        Map<String, @Nullable Position> from = cursor == null ? Map.of() : Cursor.read(cursor);
        if (engine.closing() || !engine.readers().enter()) {
            throw new Refusal(ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "Too many readers.", 2000, -1, null);
        }
        BareReader reader = new BareReader(engine, engine.loopOf(context), principal, connection, context);
        engine.readers().add(reader);
        if (engine.closing()) {
            // It came in while those that were there were being cut off.
            reader.cut(CloseReason.RESTART);
        }
        if (engine.revocations().cover(principal, null)) {
            // Likewise, while it was taken away.
            reader.closed(CloseReason.NORMAL);
            engine.revocations().refuse(principal, null);
        }
        Promise<SessionGateway.Reader> promise = Promise.promise();
        reader.loop.run(() -> reader.join(new ArrayDeque<>(channels), from, cursor != null, fromStart)
                .onComplete(joined -> reader.loop.run(() -> {
                    if (joined.failed()) {
                        reader.closed(CloseReason.NORMAL);
                        promise.fail(refusal(joined.cause()));
                    } else {
                        // Before anything is sent, so that the beginning comes first on the wire.
                        promise.complete(new SessionGateway.Reader(reader, Cursor.write(reader.starts)));
                        reader.started = true;
                        reader.endWith(principal);
                        reader.endWithAge();
                        reader.due();
                    }
                })));
        return promise.future();
    }

    /** A read lasts no longer than the credentials that it began with; its client has its cursor. */
    private void endWith(Principal principal) {
        Instant until = principal.expiresAt();
        if (until != null && !over) {
            expiry = loop.after(Expiry.left(until), () -> {
                wire.close(CloseReason.UNAUTHENTICATED);
                closed(CloseReason.UNAUTHENTICATED);
            });
        }
    }

    /** Who may read is looked at when a read begins, so a stream does not last for ever, either (R65). */
    private void endWithAge() {
        long most = engine.options().limits().connectionAge().toMillis();
        if (most > 0 && wire.streams() && !over) {
            age = loop.after(Downlink.jittered(most), () -> {
                wire.close(CloseReason.RENEW);
                closed(CloseReason.RENEW);
            });
        }
    }

    private static Throwable refusal(Throwable cause) {
        return cause instanceof ProtocolException refused
                ? new Refusal(refused.code(), CloseReason.POLICY, refused.text(), refused.retryAfter(), -1, null)
                : cause;
    }

    private Future<Void> join(
            ArrayDeque<String> rest, Map<String, @Nullable Position> from, boolean resumes, boolean fromStart) {
        String channel = rest.poll();
        if (channel == null) {
            return Future.succeededFuture();
        }
        return allowed(channel)
                .compose(yes -> yes
                        ? engine.hub().subscribe(this, channel, null, null, Future::succeededFuture)
                        : Future.failedFuture(new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "Not allowed.")))
                .compose(joined -> {
                    if (over) {
                        engine.hub().unsubscribe(joined.subscription());
                        return Future.failedFuture(
                                new Refusal(ErrorCode.UNAVAILABLE, CloseReason.NORMAL, "The reader has gone."));
                    }
                    subscriptions.add(joined.subscription());
                    Position top = joined.position();
                    Position since = from.get(channel);
                    if (top != null && (resumes ? since != null : fromStart)) {
                        return engine.hub()
                                .history(channel, since, HISTORY, false)
                                .compose(slice ->
                                        onLoop(() -> catchUp(joined.subscription(), since, top, slice, resumes)));
                    }
                    return onLoop(() -> follow(joined.subscription(), top, resumes));
                })
                .compose(done -> join(rest, from, resumes, fromStart));
    }

    /** There is no place for a channel's token in a bare read, and no session for the handler's {@code onSubscribe}. */
    private Future<Boolean> allowed(String channel) {
        return engine.access().gate().subscribers(channel) == ChannelOptions.Subscribers.TOKEN
                ? Future.succeededFuture(false)
                : engine.access()
                        .allowed(principal, Action.SUBSCRIBE, channel)
                        .compose(yes -> yes
                                ? Reading.consent(engine, principal, channel).map(true)
                                : Future.succeededFuture(false));
    }

    private Future<Void> onLoop(Runnable task) {
        Promise<Void> promise = Promise.promise();
        loop.run(() -> {
            try {
                task.run();
                promise.complete();
            } catch (Throwable e) {
                Faults.contain(e);
                promise.fail(e);
            }
        });
        return promise.future();
    }

    /** Goes on with what comes next, after a gap when the cursor is of no use. */
    private void follow(Subscription subscription, @Nullable Position top, boolean gap) {
        String channel = subscription.channel();
        positions.put(channel, top);
        starts.put(channel, top);
        if (gap) {
            add(new Encoded(new ServerFrame.Gap(channel, ServerFrame.GapReason.UNKNOWN, top, 0), engine.codec()));
        }
        engine.hub().open(subscription);
    }

    /**
     * Goes on with what history has after the cursor. When that is more than may be queued, it is cut off after the first of
     * it, and goes on from there when it comes again: refused, it would come again with the same cursor for ever.
     */
    private void catchUp(
            Subscription subscription, @Nullable Position since, Position top, Broker.Slice slice, boolean resumes) {
        Position known = since != null && since.epoch().equals(top.epoch()) ? since : null;
        if (!slice.top().epoch().equals(top.epoch())
                || !slice.complete()
                || known != null && known.offset() > slice.top().offset()) {
            follow(subscription, top, resumes);
            return;
        }
        List<ServerFrame.Message> messages = slice.messages();
        long before =
                messages.isEmpty() ? slice.top().offset() : messages.get(0).offset() - 1;
        Position start = known == null ? new Position(top.epoch(), before) : known;
        positions.put(subscription.channel(), start);
        starts.put(subscription.channel(), start);
        for (ServerFrame.Message message : messages) {
            if (message.offset() > top.offset()) {
                // It is held back in the subscription, and follows when that is opened.
                break;
            }
            Encoded frame = new Encoded(message, engine.codec());
            if (!queue.isEmpty()
                    && bytes + frame.size() > engine.options().session().outbox() / 2) {
                partial = true;
                return;
            }
            add(frame);
        }
        if (slice.more() && messages.get(messages.size() - 1).offset() < top.offset()) {
            partial = true;
            return;
        }
        engine.hub().open(subscription);
    }

    private void add(Encoded frame) {
        queue.add(frame);
        bytes += frame.size();
        if (bytes > engine.options().session().outbox()) {
            // Its cursor is all that it needs to go on (R49).
            engine.counters().slowConsumer();
            wire.close(CloseReason.SLOW_CONSUMER);
            closed(CloseReason.SLOW_CONSUMER);
        } else {
            due();
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public void deliver(Subscription subscription, Encoded frame) {
        ServerFrame what = frame.frame();
        if (!over && (what instanceof ServerFrame.Message || what instanceof ServerFrame.Gap)) {
            add(frame);
        }
    }

    private void due() {
        if (started && !dirty && !over && !queue.isEmpty()) {
            dirty = true;
            loop.later(this);
        }
    }

    @Override
    public void flush() {
        dirty = false;
        if (over || !wire.free() || queue.isEmpty()) {
            return;
        }
        List<Buffer> frames = new ArrayList<>();
        List<String> cursors = new ArrayList<>();
        int size = 0;
        for (Encoded next; size < BATCH && (next = queue.poll()) != null; ) {
            bytes -= next.size();
            Buffer buffer = next.bytes(wire.format());
            size += buffer.length();
            move(next.frame());
            frames.add(buffer);
            cursors.add(Cursor.write(positions));
        }
        wire.send(new Batch(frames, false, false, cursors), this);
    }

    @Override
    public void sent(Wire by, boolean well) {
        if (!well) {
            closed(CloseReason.NORMAL);
        } else if (partial && queue.isEmpty()) {
            wire.close(CloseReason.NORMAL);
            closed(CloseReason.NORMAL);
        } else {
            due();
        }
    }

    private void move(ServerFrame frame) {
        if (frame instanceof ServerFrame.Message message && message.channel() != null && message.offset() > 0) {
            Position before = positions.get(message.channel());
            if (before != null) {
                positions.put(message.channel(), new Position(before.epoch(), message.offset()));
            }
        } else if (frame instanceof ServerFrame.Gap gap && gap.position() != null) {
            positions.put(gap.channel(), gap.position());
        }
    }

    @Override
    public void receive(Buffer frame) {
        // A bare reader has no way up.
    }

    @Override
    public void closed(CloseReason reason) {
        loop.run(() -> {
            if (!over) {
                over = true;
                if (expiry != null) {
                    expiry.cancel();
                }
                if (age != null) {
                    age.cancel();
                }
                engine.readers().leave(this);
                queue.clear();
                subscriptions.forEach(engine.hub()::unsubscribe);
            }
        });
    }

    /** Cuts the reader off; from any thread. */
    void cut(CloseReason reason) {
        loop.run(() -> wire.close(reason));
        closed(reason);
    }

    Principal principal() {
        return principal;
    }
}
