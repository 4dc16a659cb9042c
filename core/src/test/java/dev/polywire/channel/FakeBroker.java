package dev.polywire.channel;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A broker that is far away: every call takes effect at some time and is answered at another; what is published arrives late, but
 * in order; calls fail; and now and then everything is lost and a new epoch begins.
 */
class FakeBroker implements Broker {
    private final VirtualLoops loops;
    private final Random random;
    private final Map<String, History> channels = new HashMap<>();
    private final Map<String, VirtualLoops.Line> wires = new HashMap<>();
    private final Map<String, Integer> underWay = new HashMap<>();
    private @Nullable Listener listener;

    /** Of a hundred calls to subscribe, unsubscribe or read, so many fail. */
    int failures;

    private int generation;
    int subscribes;
    int unsubscribes;

    /** Whether a call to unsubscribe has failed, so that a channel may have stayed subscribed. */
    boolean stuck;

    FakeBroker(VirtualLoops loops, Random random) {
        this.loops = loops;
        this.random = random;
    }

    History channel(String name) {
        return channels.computeIfAbsent(name, History::new);
    }

    boolean subscribed(String name) {
        return channel(name).subscribed;
    }

    /** Loses all that is kept; subscribers are told. */
    void flush(String name) {
        History lost = channel(name);
        History fresh = new History(name);
        fresh.subscribed = lost.subscribed;
        channels.put(name, fresh);
        Position top = fresh.top();
        if (fresh.subscribed) {
            send(name, () -> listener().gap(name, ServerFrame.GapReason.EPOCH, top));
        }
    }

    @Override
    public void listen(Listener heard) {
        listener = heard;
    }

    private Listener listener() {
        Listener heard = listener;
        if (heard == null) {
            throw new AssertionError("Nobody listens.");
        }
        return heard;
    }

    /** What was sent for an earlier subscription is dropped: it would arrive before the confirmation of the next. */
    private void send(String name, Runnable arrival) {
        int sent = generation;
        wires.computeIfAbsent(name, key -> loops.line()).add(() -> {
            if (sent == generation) {
                arrival.run();
            }
        });
    }

    @Override
    public Future<@Nullable Position> subscribe(String channel, Keep keep) {
        subscribes++;
        return alone(channel, () -> {
            History history = channel(channel);
            history.subscribed = true;
            generation++;
            return keep.size() == 0 ? null : history.top();
        });
    }

    @Override
    public Future<Void> unsubscribe(String channel) {
        unsubscribes++;
        Future<Void> done = alone(channel, () -> {
            channel(channel).subscribed = false;
            return null;
        });
        return done.onFailure(cause -> stuck = true);
    }

    /** Takes some time, and fails the test when it overlaps with another call for the same channel. */
    private <T extends @Nullable Object> Future<T> alone(String channel, Supplier<T> effect) {
        if (underWay.merge(channel, 1, Integer::sum) > 1) {
            throw new AssertionError("Two calls to subscribe or unsubscribe are under way for " + channel);
        }
        return later(effect).onComplete(done -> underWay.merge(channel, -1, Integer::sum));
    }

    private <T extends @Nullable Object> Future<T> later(Supplier<T> effect) {
        Promise<T> promise = Promise.promise();
        boolean fails = random.nextInt(100) < failures;
        loops.sometime(() -> {
            if (fails) {
                promise.fail(new ProtocolException(ErrorCode.UNAVAILABLE, "The broker is away."));
            } else {
                T result = effect.get();
                loops.sometime(() -> promise.complete(result));
            }
        });
        return promise.future();
    }

    @Override
    public Future<Receipt> publish(Publication publication) {
        String name = publication.message().channel();
        if (name == null) {
            throw new AssertionError("no channel");
        }
        History history = channel(name);
        boolean stored = publication.keep().size() > 0;
        ServerFrame.Message message =
                stored ? history.append(publication.message(), publication.keep(), 0) : publication.message();
        if (history.subscribed) {
            send(name, () -> listener().message(name, message, publication.except()));
        }
        return Future.succeededFuture(new Receipt(stored ? history.top() : null, false));
    }

    @Override
    public Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
        return later(() -> channel(channel).read(since, limit, reverse, 0));
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
