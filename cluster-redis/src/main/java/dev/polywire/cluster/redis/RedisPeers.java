package dev.polywire.cluster.redis;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Peers;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The other nodes, over Redis: questions and answers go by pub/sub, and who is alive is told by leases. */
final class RedisPeers implements Peers {
    private static final Logger LOG = LoggerFactory.getLogger(RedisPeers.class);

    /** How many questions of this node are open, and how many of the others. */
    private static final int MAX_OPEN = 10_000;

    private static final int MAX_ANSWERING = 2000;

    private final String first = Lease.name();
    private final Map<Long, Promise<Buffer>> open = new HashMap<>();
    private volatile JsonObject facts = new JsonObject();
    private volatile @Nullable Listener listener;
    private volatile @Nullable Parts parts;
    private long ids;
    private int answering;
    private String hearsAs = "";
    private boolean closed;

    private record Parts(Vertx vertx, Commands commands, Listening listening, NodeKeys keys, Lease lease) {}

    private final Listening.Listener inbox = new Listening.Listener() {
        @Override
        public void message(Buffer payload) {
            heard(payload);
        }
    };

    RedisPeers() {}

    /**
     * Begins to hear, on the context.
     *
     * @param lease not started yet; whoever owns it calls {@link #buried} when that happens
     * @return completes when this node is heard and hears
     */
    Future<Void> start(Vertx vertx, Commands commands, Listening listening, NodeKeys keys, Lease lease) {
        Parts now = new Parts(vertx, commands, listening, keys, lease);
        parts = now;
        lease.describe(facts);
        hearsAs = lease.self();
        String name = hearsAs;
        return Future.join(
                        hear(now, keys.inbox(name), () -> name.equals(hearsAs)),
                        hear(now, keys.everybody(), () -> true))
                .mapEmpty();
    }

    private Parts parts() {
        Parts now = parts;
        if (now == null) {
            throw new IllegalStateException("This node has not joined.");
        }
        return now;
    }

    /** Returns the name that the lease is to begin with. */
    String first() {
        return first;
    }

    @Override
    public String self() {
        Parts now = parts;
        return now == null ? first : now.lease.self();
    }

    @Override
    public void listen(Listener value) {
        listener = value;
    }

    @Override
    public void describe(JsonObject value) {
        facts = value.copy();
        Parts now = parts;
        if (now != null) {
            now.lease.describe(value);
        }
    }

    @Override
    public Future<List<Node>> nodes() {
        return parts().keys.list().recover(error -> Future.failedFuture(Away.unavailable(error)));
    }

    @Override
    public Future<Buffer> ask(String node, Buffer question, long millis) {
        Parts now = parts();
        Promise<Buffer> promise = Promise.promise();
        now.commands.context().runOnContext(v -> ask(now, node, question, Math.max(1, millis), promise));
        return promise.future();
    }

    private void ask(Parts now, String node, Buffer question, long millis, Promise<Buffer> promise) {
        if (!node.matches("[a-z0-9]{8,24}")) {
            promise.fail(lost());
        } else if (question.length() > MOST_BYTES) {
            promise.fail(new ProtocolException(ErrorCode.TOO_LARGE, "That is too much to ask another node."));
        } else if (closed || open.size() >= MAX_OPEN) {
            promise.fail(Away.unavailable(new Away("Too many questions are open.", false)));
        } else {
            long id = ++ids;
            open.put(id, promise);
            // One that hears nobody can be buried while there is still time; no answer can come then.
            long early = now.vertx.setTimer(
                    Math.max(1, millis * 3 / 4), t -> now.commands.context().runOnContext(w -> doubt(now, node, id)));
            long late = now.vertx.setTimer(millis, t -> now.commands.context().runOnContext(w -> fail(id, silent())));
            promise.future().onComplete(done -> {
                now.vertx.cancelTimer(early);
                now.vertx.cancelTimer(late);
            });
            String self = now.lease.self();
            if (node.equals(self)) {
                answer(new Mail(Mail.Kind.QUESTION, self, id, question))
                        .onComplete(result -> now.commands.context().runOnContext(w -> {
                            if (result.succeeded()) {
                                answered(id, result.result());
                            } else {
                                fail(id, Mail.failed(self, id, result.cause()).failure());
                            }
                        }));
                return;
            }
            Buffer mail = new Mail(Mail.Kind.QUESTION, self, id, question).encode();
            now.keys.publish(now.keys.inbox(node), mail).onComplete(result -> {
                if (result.failed()) {
                    fail(id, Away.unavailable(result.cause()));
                } else if (result.result() == 0) {
                    // Nobody hears it: it is gone, or cut off from Redis for the moment.
                    doubt(now, node, id).onComplete(done -> fail(id, silent()));
                }
            });
        }
    }

    private Future<Void> doubt(Parts now, String node, long id) {
        if (!open.containsKey(id)) {
            return Future.succeededFuture();
        }
        return now.keys.inquire(node, now.lease.steady()).transform(result -> {
            if (result.succeeded() && List.of("dead", "left", "unknown").contains(result.result())) {
                fail(id, lost());
            }
            return Future.succeededFuture();
        });
    }

    private static ProtocolException lost() {
        return new ProtocolException(ErrorCode.LOST, "That node is not there any more.");
    }

    private static ProtocolException silent() {
        return new ProtocolException(ErrorCode.UNAVAILABLE, "That node does not answer.", null, 1000);
    }

    private void fail(long id, Throwable why) {
        Promise<Buffer> promise = open.remove(id);
        if (promise != null) {
            promise.fail(why);
        }
    }

    private void answered(long id, Buffer answer) {
        Promise<Buffer> promise = open.remove(id);
        if (promise != null) {
            promise.complete(answer);
        }
    }

    @Override
    public Future<Void> tellAll(Buffer message) {
        Parts now = parts();
        if (message.length() > MOST_BYTES) {
            return Future.failedFuture(new ProtocolException(ErrorCode.TOO_LARGE, "That is too much to tell."));
        }
        Buffer mail = new Mail(Mail.Kind.WORD, now.lease.self(), 0, message).encode();
        return now.keys
                .publish(now.keys.everybody(), mail)
                .recover(error -> Future.failedFuture(Away.unavailable(error)))
                .mapEmpty();
    }

    private void heard(Buffer bytes) {
        Parts now = parts();
        Mail mail = Mail.decode(bytes);
        if (mail == null) {
            LOG.warn("Something that no node of this version says came over a node's topic.");
            return;
        }
        switch (mail.kind()) {
            case ANSWER -> answered(mail.id(), mail.body());
            case WORD -> {
                Listener hears = listener;
                if (hears != null && !mail.from().equals(now.lease.self())) {
                    try {
                        hears.told(mail.from(), mail.body());
                    } catch (RuntimeException e) {
                        LOG.warn("The listener failed on what another node told.", e);
                    }
                }
            }
            case FAILED -> fail(mail.id(), mail.failure());
            case QUESTION -> {
                if (!closed) {
                    answer(mail).onComplete(result -> reply(now, mail, result));
                }
            }
        }
    }

    private static void reply(Parts now, Mail question, AsyncResult<Buffer> result) {
        String self = now.lease.self();
        Mail reply = result.succeeded()
                ? new Mail(Mail.Kind.ANSWER, self, question.id(), result.result())
                : Mail.failed(self, question.id(), result.cause());
        now.keys.publish(now.keys.inbox(question.from()), reply.encode());
    }

    /** Has the listener answer; on the context, where the answer comes, too. */
    private Future<Buffer> answer(Mail question) {
        Listener hears = listener;
        if (hears == null || answering >= MAX_ANSWERING) {
            return Future.failedFuture(
                    new ProtocolException(ErrorCode.UNAVAILABLE, "That node has too many questions to answer."));
        }
        answering++;
        Future<Buffer> answer;
        try {
            answer = hears.asked(question.from(), question.body());
        } catch (RuntimeException e) {
            LOG.warn("The listener failed on a question of another node.", e);
            answer = Future.failedFuture(e);
        }
        Promise<Buffer> promise = Promise.promise();
        answer.onComplete(result -> parts().commands.context().runOnContext(v -> {
            answering--;
            if (result.succeeded() && result.result().length() > MOST_BYTES) {
                LOG.warn(
                        "An answer of {} bytes is too large for another node.",
                        result.result().length());
                promise.fail(
                        new ProtocolException(ErrorCode.TOO_LARGE, "The answer would be too large for another node."));
            } else {
                promise.handle(result);
            }
        }));
        return promise.future();
    }

    /** This node has another name: it is asked by it from now on. On the context. */
    void buried(String before) {
        Parts now = parts();
        now.listening.unsubscribe(now.keys.inbox(before), inbox);
        String name = now.lease.self();
        hearsAs = name;
        hear(now, now.keys.inbox(name), () -> name.equals(hearsAs));
        Listener hears = listener;
        if (hears != null) {
            hears.buried(before);
        }
    }

    /** Subscribes, again and again until it is confirmed, each time within the limit of a subscription. */
    private Future<Void> hear(Parts now, String topic, BooleanSupplier wanted) {
        Promise<Void> heard = Promise.promise();
        now.listening
                .subscribe(topic, inbox)
                .onComplete(result -> now.commands.context().runOnContext(v -> {
                    if (result.succeeded()) {
                        if (!wanted.getAsBoolean()) {
                            now.listening.unsubscribe(topic, inbox);
                        }
                        heard.complete();
                    } else if (closed || !wanted.getAsBoolean()) {
                        heard.fail(result.cause());
                    } else {
                        hear(now, topic, wanted).onComplete(heard);
                    }
                }));
        return heard.future();
    }

    /** Hears and asks no more. On the context. */
    void stop() {
        closed = true;
        List.copyOf(open.keySet()).forEach(id -> fail(id, Away.unavailable(new Away("The node is leaving.", false))));
        Parts now = parts;
        if (now != null) {
            now.listening.unsubscribe(now.keys.inbox(hearsAs), inbox);
            now.listening.unsubscribe(now.keys.everybody(), inbox);
        }
    }
}
