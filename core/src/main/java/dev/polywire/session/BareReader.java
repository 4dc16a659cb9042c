package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.Encoded;
import dev.polywire.channel.Subscriber;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A position read: a connection that follows channels without a session (rule 12). It keeps no state beyond its cursor. */
final class BareReader implements Subscriber, Attachment, EventLoop.Sender {
    private static final int MOST_CHANNELS = 32;
    private static final int HISTORY = 1000;
    private static final int BATCH = 128 * 1024;

    private final Engine engine;
    private final EventLoop loop;
    private final String id = Secrets.token();
    private final Wire wire;
    private final Map<String, @Nullable Position> positions = new LinkedHashMap<>();
    private final Map<String, @Nullable Position> starts = new LinkedHashMap<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final ArrayDeque<Encoded> queue = new ArrayDeque<>();
    private int bytes;
    private boolean started;
    private boolean dirty;
    private boolean over;

    private BareReader(Engine engine, EventLoop loop, Connection connection, ContextInternal context) {
        this.engine = engine;
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
        if (!engine.bareOpened()) {
            throw new Refusal(ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "Too many readers.", 2000, -1, null);
        }
        BareReader reader = new BareReader(engine, engine.loopOf(context), connection, context);
        engine.bareReads(reader);
        Promise<SessionGateway.Reader> promise = Promise.promise();
        reader.loop.run(() -> reader.join(principal, new ArrayDeque<>(channels), from, cursor != null, fromStart)
                .onComplete(joined -> reader.loop.run(() -> {
                    if (joined.failed()) {
                        reader.closed(CloseReason.NORMAL);
                        promise.fail(refusal(joined.cause()));
                    } else {
                        // Before anything is sent, so that the beginning comes first on the wire.
                        promise.complete(new SessionGateway.Reader(reader, Cursor.write(reader.starts)));
                        reader.started = true;
                        reader.due();
                    }
                })));
        return promise.future();
    }

    private static Throwable refusal(Throwable cause) {
        return cause instanceof ProtocolException refused
                ? new Refusal(refused.code(), CloseReason.POLICY, refused.text(), refused.retryAfter(), -1, null)
                : cause;
    }

    private Future<Void> join(
            Principal principal,
            ArrayDeque<String> rest,
            Map<String, @Nullable Position> from,
            boolean resumes,
            boolean fromStart) {
        String channel = rest.poll();
        if (channel == null) {
            return Future.succeededFuture();
        }
        return engine.access()
                .allowed(principal, Action.SUBSCRIBE, channel)
                .compose(yes -> yes
                        ? engine.hub().subscribe(this, channel, from.get(channel), null, Future::succeededFuture)
                        : Future.failedFuture(new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "Not allowed.")))
                .compose(joined -> {
                    if (over) {
                        engine.hub().unsubscribe(joined.subscription());
                        return Future.failedFuture(
                                new Refusal(ErrorCode.UNAVAILABLE, CloseReason.NORMAL, "The reader has gone."));
                    }
                    subscriptions.add(joined.subscription());
                    Position top = joined.position();
                    if (fromStart && !resumes && top != null) {
                        return engine.hub()
                                .history(channel, null, HISTORY, true)
                                .compose(slice -> onLoop(() -> fromStart(channel, top, slice.messages(), joined)));
                    }
                    return onLoop(() -> follow(channel, joined, resumes));
                })
                .compose(done -> join(principal, rest, from, resumes, fromStart));
    }

    private Future<Void> onLoop(Runnable task) {
        Promise<Void> promise = Promise.promise();
        loop.run(() -> {
            task.run();
            promise.complete();
        });
        return promise.future();
    }

    private void follow(String channel, ChannelHub.Joined joined, boolean resumes) {
        Position position = joined.position();
        positions.put(channel, position);
        starts.put(channel, position);
        if (resumes && !Boolean.TRUE.equals(joined.recovered())) {
            add(new Encoded(new ServerFrame.Gap(channel, ServerFrame.GapReason.UNKNOWN, position, 0), engine.codec()));
        }
        joined.missed().forEach(this::add);
        engine.hub().open(joined.subscription());
    }

    private void fromStart(
            String channel, Position top, List<ServerFrame.Message> newestFirst, ChannelHub.Joined joined) {
        positions.put(channel, new Position(top.epoch(), 0));
        starts.put(channel, new Position(top.epoch(), 0));
        for (int i = newestFirst.size() - 1; i >= 0; i--) {
            // What came after the subscription is held back there, and follows when it is opened.
            if (newestFirst.get(i).offset() <= top.offset()) {
                add(new Encoded(newestFirst.get(i), engine.codec()));
            }
        }
        engine.hub().open(joined.subscription());
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
        wire.send(new Batch(frames, false, false, cursors)).onSuccess(sent -> due());
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
                engine.bareClosed(this);
                queue.clear();
                subscriptions.forEach(engine.hub()::unsubscribe);
            }
        });
    }

    /** Cuts the reader off because the engine closes. */
    void cut() {
        loop.run(() -> wire.close(CloseReason.RESTART));
        closed(CloseReason.RESTART);
    }
}
