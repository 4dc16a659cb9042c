package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Peers;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes polls and POSTs that have come here to the node that has their session (rule 36). A question or an answer that is lost costs nothing: frames stay in the session's outbox until
 * they are acknowledged, a POST is numbered, and a poll comes again. Safe for all threads.
 */
final class Relay {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** How long the owner may take to attach a poll, or to take a POST, milliseconds. */
    static final long PATIENCE = 5_000;

    private final Peers peers;
    private final Whereabouts whereabouts;
    private final AtomicLong ids = new AtomicLong();

    /** The polls that are here and attached elsewhere: no more than there are requests under way. */
    private final Map<Long, Poll> polls = new ConcurrentHashMap<>();

    Relay(Peers peers, Whereabouts whereabouts) {
        this.peers = peers;
        this.whereabouts = whereabouts;
    }

    Whereabouts whereabouts() {
        return whereabouts;
    }

    /**
     * Attaches a poll to its session, wherever that is.
     *
     * @return completes on the poll's context; fails with a {@link dev.polywire.spi.Refusal}, whose reason is {@link CloseReason#EXPIRED} when there is no such session
     */
    Future<Attachment> attach(
            Handshake who,
            ClientFrame.Resume claim,
            @Nullable String token,
            Buffer hello,
            Connection connection,
            ContextInternal context) {
        Poll poll = new Poll(ids.incrementAndGet(), connection, context);
        Buffer question = RelayFrames.write(new RelayFrames.Attach(poll.id, told(who, token, claim), claim, hello));
        polls.put(poll.id, poll);
        Promise<Attachment> promise = context.promise();
        whereabouts
                .ask(claim.session(), claim.secret(), question, PATIENCE)
                .onComplete(heard -> context.runOnContext(turn -> {
                    if (heard.succeeded() && heard.result().answer() instanceof RelayFrames.Attached attached) {
                        poll.begin(heard.result().node(), attached);
                        promise.complete(poll);
                    } else {
                        poll.end();
                        promise.fail(heard.failed() ? heard.cause() : Nodes.later());
                    }
                }));
        return promise.future();
    }

    /** Returns what the owner is told of a request. */
    static Handshake told(Handshake who, @Nullable String token, ClientFrame.Resume claim) {
        return new Handshake(who.transport(), who.remoteAddress(), who.path(), who.headers(), token, who.user(), claim);
    }

    /**
     * Brings a POST to its session, wherever that is.
     *
     * @return how many frames it has accepted; fails as {@link #attach} does
     */
    Future<Long> post(String session, String secret, long first, long handed, Buffer body) {
        Buffer question = RelayFrames.write(new RelayFrames.Post(session, secret, first, handed, body));
        return whereabouts
                .ask(session, secret, question, PATIENCE)
                .compose(heard -> heard.answer() instanceof RelayFrames.Count count
                        ? Future.succeededFuture(count.received())
                        : Future.failedFuture(Nodes.later()));
    }

    /** The owner has frames for a poll; tells whether they were written. */
    Future<Boolean> frames(RelayFrames.Frames frames) {
        Poll poll = polls.get(frames.id());
        return poll == null ? Future.succeededFuture(false) : poll.frames(frames.part());
    }

    /** The owner is done with a poll. */
    Future<Boolean> close(RelayFrames.Close close) {
        Poll poll = polls.get(close.id());
        if (poll != null) {
            poll.context.runOnContext(turn -> poll.connection.close(close.reason()));
        }
        return Future.succeededFuture(poll != null);
    }

    /** Answers all polls, because this node stops: their clients go on at another one. */
    void end() {
        for (Poll poll : polls.values()) {
            poll.context.runOnContext(turn -> poll.connection.close(CloseReason.RENEW));
        }
    }

    /** Returns how many polls are here. */
    int size() {
        return polls.size();
    }

    /** A poll that is here and whose session is not. On its context. */
    private final class Poll implements Attachment {
        private final long id;
        private final Connection connection;
        private final ContextInternal context;
        private final Promise<Void> begun = Promise.promise();
        private @Nullable String node;
        /** Whether it got what it is answered with, so that the owner knows that it is over. */
        private boolean answered;

        Poll(long id, Connection connection, ContextInternal context) {
            this.id = id;
            this.connection = connection;
            this.context = context;
        }

        void begin(String owner, RelayFrames.Attached attached) {
            node = owner;
            for (RelayFrames.Part part : attached.parts()) {
                hand(part);
            }
            // The owner does not hear otherwise when those are out.
            answered = false;
            if (attached.closed() != null) {
                answered = true;
                connection.close(attached.closed());
            }
            begun.complete();
        }

        /** There is no attachment. */
        void end() {
            polls.remove(id);
            begun.tryFail("it is over");
        }

        Future<Boolean> frames(RelayFrames.Part part) {
            Promise<Boolean> written = Promise.promise();
            // They may overtake the answer that tells of what goes before them.
            begun.future()
                    .onComplete(can -> context.runOnContext(turn -> {
                        if (can.failed() || !polls.containsKey(id)) {
                            written.complete(false);
                        } else {
                            hand(part).onComplete(done -> written.complete(done.succeeded()));
                        }
                    }));
            return written.future();
        }

        private Future<Void> hand(RelayFrames.Part part) {
            if (!connection.writable()) {
                return Future.failedFuture("it is closed");
            }
            answered |= part.answers();
            Batch batch = new Batch(framed(part.frames()), part.holdable(), part.last(), null);
            try {
                return connection.send(batch);
            } catch (RuntimeException e) {
                LOG.warn("A connection failed to send", e);
                connection.close(CloseReason.OUT_OF_STEP);
                return Future.failedFuture(e);
            } finally {
                batch.release();
            }
        }

        private List<Buffer> framed(List<Buffer> frames) {
            WireFormat format = connection.format();
            if (format == WireFormat.JSON) {
                return frames;
            }
            List<Buffer> framed = new ArrayList<>(frames.size());
            frames.forEach(frame -> framed.add(format.frame(frame)));
            return framed;
        }

        @Override
        public void receive(Buffer frame) {
            // A poll brings nothing.
        }

        @Override
        public void closed(CloseReason reason) {
            polls.remove(id);
            String owner = node;
            if (!answered && owner != null) {
                answered = true;
                // Should it get lost, the owner finds out by itself.
                peers.ask(owner, RelayFrames.write(new RelayFrames.Closed(id)), PATIENCE);
            }
        }
    }
}
