package dev.polywire.testing;

import dev.polywire.RealtimeOptions;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A gateway without sessions: it writes down what a transport asks of it, and does what the test says. */
public final class RecordingGateway implements SessionGateway {

    /** What stands for a welcome. */
    public static final String WELCOME = "{\"type\":\"welcome\"}";

    /** The options that transports see; to be changed before they are mounted. */
    public final RealtimeOptions options = new RealtimeOptions();

    /** The attaches and reads, in order. */
    public final BlockingQueue<Link> links = new LinkedBlockingQueue<>();

    /** The frames that came by an attachment, and the bodies that came by POST. */
    public final BlockingQueue<Buffer> frames = new LinkedBlockingQueue<>();

    /** The handshakes of POSTs, in order. */
    public final BlockingQueue<Handshake> posts = new LinkedBlockingQueue<>();

    /** The reasons of all calls of {@link Attachment#closed}. */
    public final BlockingQueue<CloseReason> closes = new LinkedBlockingQueue<>();

    /** What an attach answers: by default it sends a welcome that may be held. */
    public volatile Function<Link, Future<Attachment>> onAttach = link -> {
        link.connection.send(link.batch(true, WELCOME));
        return Future.succeededFuture(attachment());
    };

    /** What a bare read answers. */
    public volatile Function<Link, Future<Reader>> onRead =
            link -> Future.succeededFuture(new Reader(attachment(), "c0"));

    /** What a POST answers. */
    public volatile Function<Long, Future<Long>> onReceive = Future::succeededFuture;

    /** What is done with who wants to be let in. */
    public volatile Consumer<Handshake> onAdmit = who -> {};

    /** One attach or read. */
    public static final class Link {
        /** Who asked. */
        public final Handshake who;

        /** The hello, or for a bare read its channels, cursor and start, separated by spaces. */
        public final String asked;

        /** The connection, to be used on its context only. */
        public final Connection connection;

        private final Context context = Objects.requireNonNull(Vertx.currentContext());

        Link(Handshake who, String asked, Connection connection) {
            this.who = who;
            this.asked = asked;
            this.connection = connection;
        }

        /** Makes a batch in the connection's format. */
        public Batch batch(boolean holdable, String... texts) {
            List<Buffer> framed = new ArrayList<>();
            for (String text : texts) {
                framed.add(connection.format().frame(Buffer.buffer(text)));
            }
            return new Batch(framed, holdable, false, null);
        }

        /** Makes a batch of a bare read, whose cursors are c1, c2 and so on. */
        public Batch bare(String... texts) {
            List<String> cursors = new ArrayList<>();
            for (int i = 1; i <= texts.length; i++) {
                cursors.add("c" + i);
            }
            return new Batch(batch(false, texts).frames(), false, false, cursors);
        }

        /** Sends a batch. */
        public Future<Void> send(Batch batch) {
            return call(() -> connection.send(batch));
        }

        /** Closes the connection. */
        public Future<Void> close(CloseReason reason) {
            return call(() -> connection.close(reason));
        }

        /** Asks whether the connection is writable. */
        public boolean writable() {
            return RecordingGateway.await(call(() -> Future.succeededFuture(connection.writable())));
        }

        /** Runs something on the connection's context. */
        public <T> Future<T> call(java.util.function.Supplier<Future<T>> what) {
            Promise<T> done = Promise.promise();
            context.runOnContext(go -> what.get().onComplete(done));
            return done.future();
        }
    }

    /** Makes an attachment that writes down. */
    public Attachment attachment() {
        return new Attachment() {
            @Override
            public void receive(Buffer frame) {
                frames.add(frame.copy());
            }

            @Override
            public void closed(CloseReason reason) {
                closes.add(reason);
            }
        };
    }

    @Override
    public void admit(Handshake who) {
        onAdmit.accept(who);
    }

    @Override
    public Future<Attachment> attach(Handshake who, Buffer hello, Connection connection) {
        Link link = new Link(who, hello.toString(), connection);
        links.add(link);
        return onAttach.apply(link);
    }

    @Override
    public Future<Long> receive(Handshake who, long firstSeq, Buffer body) {
        posts.add(who);
        frames.add(body.copy());
        return onReceive.apply(firstSeq);
    }

    @Override
    public Future<Reader> read(
            Handshake who, List<String> channels, @Nullable String cursor, boolean fromStart, Connection connection) {
        Link link = new Link(who, String.join(",", channels) + " " + cursor + " " + fromStart, connection);
        links.add(link);
        return onRead.apply(link);
    }

    @Override
    public Future<Handshake> authenticate(Handshake who) {
        return Future.succeededFuture(who);
    }

    @Override
    public @Nullable Buffer probe(Buffer frame) {
        return frame.toString().contains("\"ping\"") ? Buffer.buffer("{\"type\":\"pong\"}") : null;
    }

    @Override
    public Runnable after(long millis, Runnable task) {
        Vertx vertx = Vertx.currentContext().owner();
        long timer = vertx.setTimer(millis, late -> task.run());
        return () -> vertx.cancelTimer(timer);
    }

    @Override
    public JsonObject describe(Handshake who) {
        return new JsonObject();
    }

    @Override
    public RealtimeOptions options() {
        return options;
    }

    /** Takes the next of what was written down, and fails when nothing comes. */
    public static <T> T next(BlockingQueue<T> queue) {
        try {
            T next = queue.poll(10, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("Nothing came within 10 s.");
            }
            return next;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** Waits for a future, and fails when it takes too long. */
    public static <T> T await(Future<T> future) {
        try {
            return future.await(10, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException late) {
            throw new AssertionError("Not done within 10 s.", late);
        }
    }
}
