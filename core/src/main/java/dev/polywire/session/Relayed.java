package dev.polywire.session;

import dev.polywire.channel.Faults;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Peers;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handles polls and POSTs for sessions of this node that have come to another one, as if they had come here. Safe for all threads. */
final class Relayed {
    private static final Logger LOG = LoggerFactory.getLogger(Relayed.class);

    /** How much longer than the longest wait of a poll it may take for its answer to be written, milliseconds. */
    private static final long SLACK = 10_000;

    private final Engine engine;
    private final Gateway gateway;
    private final Peers peers;

    /** The polls that wait elsewhere; no more than one or two for each session. */
    private final Map<Key, RemoteConnection> polls = new ConcurrentHashMap<>();

    private record Key(String node, long id) {}

    Relayed(Engine engine, Gateway gateway, Peers peers) {
        this.engine = engine;
        this.gateway = gateway;
        this.peers = peers;
    }

    /** Attaches a poll. */
    Future<Buffer> attach(String from, RelayFrames.Attach question) {
        ClientFrame.Resume claim = question.claim();
        LiveSession session = engine.registry().find(claim.session(), claim.secret());
        if (session == null) {
            return refused(gateway.gone(claim.session(), claim.secret()));
        }
        Promise<Buffer> answer = Promise.promise();
        session.loop().run(() -> attach(session, from, question).onComplete(answer));
        return answer.future();
    }

    private Future<Buffer> attach(LiveSession session, String from, RelayFrames.Attach question) {
        Key key = new Key(from, question.id());
        EventLoop loop = session.loop();
        long most = engine.options().session().heartbeat().toMillis() + SLACK;
        RemoteConnection poll = new RemoteConnection(from, question.id(), peers, loop, most, () -> polls.remove(key));
        polls.put(key, poll);
        Future<Attachment> made;
        try {
            made = gateway.resume(session, question.who(), question.hello(), question.claim(), poll, loop.context());
        } catch (Throwable e) {
            Faults.contain(e);
            made = Future.failedFuture(e);
        }
        Promise<Buffer> answer = Promise.promise();
        made.onComplete(result -> loop.run(() -> {
            if (result.succeeded()) {
                poll.attached(result.result());
                // What the rest of this turn has for the client goes along.
                loop.execute(() -> answer.complete(poll.answer()));
            } else {
                poll.over();
                refused(result.cause()).onComplete(answer);
            }
        }));
        return answer.future();
    }

    /** A poll is over at its node. */
    Future<Boolean> closed(String from, RelayFrames.Closed question) {
        RemoteConnection poll = polls.get(new Key(from, question.id()));
        if (poll != null) {
            poll.loop().run(poll::over);
        }
        return Future.succeededFuture(poll != null);
    }

    /** Takes a POST. */
    Future<Buffer> post(RelayFrames.Post question) {
        LiveSession session = engine.registry().find(question.session(), question.secret());
        if (session == null) {
            return refused(gateway.gone(question.session(), question.secret()));
        }
        return gateway.post(session, question.first(), question.body(), question.handed())
                .map(received -> RelayFrames.write(new RelayFrames.Count(received)))
                .recover(Relayed::refused);
    }

    private static Future<Buffer> refused(Throwable cause) {
        Refusal refusal;
        if (cause instanceof Refusal known) {
            refusal = known;
        } else {
            LOG.warn("A relayed request failed", cause);
            refusal = new Refusal(ErrorCode.INTERNAL, CloseReason.TRY_LATER, "The server failed.");
        }
        return Future.succeededFuture(RelayFrames.write(new RelayFrames.Refused(refusal)));
    }

    /** Returns how many polls wait elsewhere. */
    int size() {
        return polls.size();
    }
}
