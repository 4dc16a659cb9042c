package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Peers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;

/** What the tests of nodes are written with: each test has nodes of its own, each with a Vert.x of its own, so that one can sleep alone. */
abstract class ClusterKit {
    private final List<Member> members = new ArrayList<>();

    /**
     * Makes one more node of the same cluster. The kit sets its listeners, and has it join and leave.
     *
     * @return a node that has not joined
     */
    protected abstract Cluster create();

    /**
     * Lets a node die without a word, as a process does that is killed.
     *
     * @param node one that has joined
     */
    protected abstract void kill(Cluster node);

    /**
     * Returns how long it takes at the most until the others bury a node that has died, with time to spare on a busy machine.
     *
     * @return waited for by the kit
     */
    protected abstract Duration burial();

    /** A node, and what it has heard. */
    static final class Member implements Peers.Listener {
        final Vertx vertx = Vertx.vertx();
        final Cluster cluster;
        final List<String> told = new CopyOnWriteArrayList<>();
        final List<String> buried = new CopyOnWriteArrayList<>();
        final List<String> namesThen = new CopyOnWriteArrayList<>();
        final Heard heard = new Heard();
        volatile BiFunction<String, Buffer, Future<Buffer>> answers = (from, question) ->
                Future.succeededFuture(Buffer.buffer(from + ":").appendBuffer(question));
        boolean over;

        Member(Cluster cluster) {
            this.cluster = cluster;
        }

        Peers peers() {
            return cluster.peers();
        }

        String name() {
            return peers().self();
        }

        @Override
        public Future<Buffer> asked(String from, Buffer question) {
            return answers.apply(from, question);
        }

        @Override
        public void told(String from, Buffer message) {
            told.add(from + ":" + message);
        }

        @Override
        public void buried(String name) {
            namesThen.add(name());
            buried.add(name);
        }
    }

    Member join() {
        Member member = new Member(create());
        members.add(member);
        member.peers().listen(member);
        member.cluster.presence().listen(member.heard);
        member.cluster.broker().listen(member.heard);
        Await.get("join", member.cluster.join(member.vertx).map(true));
        return member;
    }

    void kill(Member member) {
        member.over = true;
        kill(member.cluster);
    }

    void leave(Member member) {
        member.over = true;
        Await.get("leave", member.cluster.leave().map(true));
    }

    @AfterEach
    void leaveAll() {
        List<Future<?>> all = new ArrayList<>();
        for (Member member : members) {
            all.add((member.over ? Future.<Void>succeededFuture() : member.cluster.leave())
                    .transform(done -> member.vertx.close()));
        }
        Await.get("leave", Future.join(all).map(true));
        members.clear();
    }

    static String ask(Member from, String node, String question) {
        return Await.get("answer", from.peers().ask(node, Buffer.buffer(question), 5000))
                .toString();
    }

    /** Waits for a failure, and returns its code. */
    static ErrorCode refusal(Future<?> call) {
        try {
            Object result = call.toCompletionStage()
                    .toCompletableFuture()
                    .get(Await.deadline().toMillis(), TimeUnit.MILLISECONDS);
            throw new AssertionError("It did not fail, but gave " + result);
        } catch (ExecutionException e) {
            return assertInstanceOf(ProtocolException.class, e.getCause()).code();
        } catch (TimeoutException e) {
            throw new AssertionError("It did not end.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    void awaitLost(Member from, String node) {
        Await.until("the node is lost", burial(), () -> {
            ErrorCode code = refusal(from.peers().ask(node, Buffer.buffer("?"), 200));
            if (code != ErrorCode.LOST) {
                assertEquals(ErrorCode.UNAVAILABLE, code);
            }
            return code == ErrorCode.LOST;
        });
    }
}
