package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Peers;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.Quota;
import dev.polywire.testing.MemoryNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node that does not get to serve does not stay among the others. */
class NodesTest {
    private final Several several = new Several(1, options -> {});
    private final List<OneNode> more = new ArrayList<>();

    @AfterEach
    void close() {
        more.forEach(OneNode::close);
        several.close();
    }

    /** A way to the others that is found when the test says so. */
    private record Slow(MemoryNode way, Promise<Void> found, AtomicInteger left) implements Cluster {
        @Override
        public Future<Void> join(Vertx vertx) {
            return found.future().compose(now -> way.join(vertx));
        }

        @Override
        public Broker broker() {
            return way.broker();
        }

        @Override
        public PresenceStore presence() {
            return way.presence();
        }

        @Override
        public Peers peers() {
            return way.peers();
        }

        @Override
        public Ledger ledger() {
            return way.ledger();
        }

        @Override
        public Quota quota() {
            return way.quota();
        }

        @Override
        public Future<Void> leave() {
            left.incrementAndGet();
            return way.leave();
        }
    }

    private Slow slow() {
        return new Slow(several.cluster.node(), Promise.promise(), new AtomicInteger());
    }

    private OneNode start(Cluster cluster) {
        OneNode node = new OneNode(new RealtimeOptions(), realtime -> realtime.cluster(cluster));
        more.add(node);
        return node;
    }

    private int nodes() {
        return Await.get("nodes", several.a().realtime.nodes()).size();
    }

    private static void assertNotReady(OneNode node) {
        assertThatThrownBy(() -> Await.get("ready", node.realtime.ready().map(true)))
                .isNotNull();
    }

    @Test
    void whoCannotLearnWhatIsRevokedLeavesAgain() {
        several.cluster.patience(10);
        several.cluster.loseQuestions(question -> true);
        Slow way = slow();
        way.found.complete();
        OneNode node = start(way);
        assertNotReady(node);
        assertThat(nodes()).isEqualTo(1);
        Await.get("closed", node.realtime.close().map(true));
        assertThat(way.left).hasValue(1);
    }

    @Test
    void whoIsClosedWhileItLearnsLeaves() {
        several.cluster.loseQuestions(question -> true);
        Slow way = slow();
        way.found.complete();
        OneNode node = start(way);
        Await.until("it is in", () -> nodes() == 2);
        Await.get("closed", node.realtime.close().map(true));
        assertThat(nodes()).isEqualTo(1);
        several.cluster.patience(10);
        several.cluster.loseNothing();
        assertNotReady(node);
        assertThat(nodes()).isEqualTo(1);
        assertThat(way.left).hasValue(1);
    }

    @Test
    void whoIsClosedWhileItComesInLeavesWhenItIsIn() {
        Slow way = slow();
        OneNode node = start(way);
        Future<Void> closed = node.realtime.close();
        assertThat(way.left).hasValue(0);
        way.found.complete();
        Await.get("closed", closed.map(true));
        assertNotReady(node);
        assertThat(way.left).hasValue(1);
        assertThat(nodes()).isEqualTo(1);
    }

    @Test
    void whoCannotComeInHasNothingToLeave() {
        Slow way = slow();
        OneNode node = start(way);
        way.found.fail("nobody there");
        assertNotReady(node);
        Await.get("closed", node.realtime.close().map(true));
        assertThat(way.left).hasValue(0);
    }
}
