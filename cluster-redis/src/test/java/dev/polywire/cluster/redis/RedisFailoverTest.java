package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Several servers: a master that is lost and its replica, and a cluster of masters. */
class RedisFailoverTest {
    private static final Keep KEEP = new Keep(1000, Duration.ofMinutes(1));

    private final Vertx vertx = Vertx.vertx();
    private final Ears ears = new Ears();
    private @Nullable RedisServer server;
    private @Nullable Lab lab;

    private Lab start(RedisServer made, RedisOptions options) {
        server = made;
        Lab started = new Lab(vertx, options);
        lab = started;
        started.broker.listen(ears);
        awaitHearing(started);
        return started;
    }

    private static void awaitHearing(Lab lab) {
        Await.until("Redis is heard", Duration.ofSeconds(20), () -> lab.listening.hears() && lab.commands.up());
    }

    @AfterEach
    void end() {
        if (lab != null) {
            Await.get("close", lab.close().map(true));
        }
        Await.get("close", vertx.close().map(true));
        if (server != null) {
            server.close();
        }
    }

    private static Publication publication(String channel, int payload) {
        Message message = new Message(channel, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return new Publication(message, KEEP, "id-" + payload, null);
    }

    private static Position publish(Lab lab, String channel, int payload) {
        Position position = Await.get("publish", lab.broker.publish(publication(channel, payload)))
                .position();
        assertNotNull(position);
        return position;
    }

    @Test
    @DisplayName(
            "A25 a fail-over begins a new epoch; with WAIT what was acknowledged is there, and repeats are still known")
    void failover() {
        RedisServer made = RedisServer.sentinel(false);
        Lab node = start(
                made,
                Lab.quick(made, RedisOptions.Mode.SENTINEL)
                        .setWaitReplicas(1)
                        .setWaitReplicasTimeout(Duration.ofMillis(800)));
        Await.get("subscribe", node.broker.subscribe("room", KEEP));
        Position second = null;
        for (int i = 1; i <= 20; i++) {
            second = publish(node, "room", i);
        }
        assertNotNull(second);
        made.node().kill();
        Await.until("it is noticed", () -> !node.commands.up());
        Node replica = made.nodes().get(1);
        Await.until("the replica is promoted", Duration.ofSeconds(30), () -> isMaster(replica));
        awaitHearing(node);
        // No replica is left, so this is not acknowledged, but stored; once what publishes is connected, too.
        List<Future<Receipt>> refused = new ArrayList<>();
        Await.until("21 arrives", Duration.ofSeconds(20), () -> {
            if (refused.stream().allMatch(Future::isComplete)) {
                refused.add(node.broker.publish(publication("room", 21)));
            }
            return ears.payloads.contains(21);
        });
        refused.forEach(each -> {
            Await.until("an end", each::isComplete);
            assertTrue(each.failed());
        });
        assertEquals(IntStream.rangeClosed(1, 21).boxed().toList(), ears.payloads);
        assertEquals(List.of(GapReason.EPOCH), ears.gaps);
        Position at = ears.positions.get(0);
        assertNotNull(at);
        assertNotEquals(second.epoch(), at.epoch());
        assertEquals(20, at.offset());
    }

    @Test
    @DisplayName("R28 a fail-over and back begins a new epoch, though the master is the same process as before")
    void thereAndBack() {
        RedisServer made = RedisServer.sentinel(false);
        Lab first = start(made, Lab.quick(made, RedisOptions.Mode.SENTINEL));
        Position before = publish(first, "room", 1);
        // So that nothing touches the channel while the other one is the master.
        Await.get("close", first.close().map(true));
        lab = null;
        failOver(made, made.nodes().get(0), made.nodes().get(1));
        failOver(made, made.nodes().get(1), made.nodes().get(0));
        Lab second = start(made, Lab.quick(made, RedisOptions.Mode.SENTINEL));
        Await.get("subscribe", second.broker.subscribe("room", KEEP));
        assertNotEquals(before.epoch(), publish(second, "room", 2).epoch());
    }

    private static void failOver(RedisServer made, Node from, Node to) {
        Await.until("the other one is the master", Duration.ofSeconds(40), () -> {
            if (isMaster(to)) {
                return true;
            }
            // Refused while another one is under way, or no replica is known.
            made.sentinels().get(0).call("SENTINEL", "FAILOVER", RedisServer.MASTER_NAME);
            return false;
        });
        Await.until("the old master follows", Duration.ofSeconds(30), () -> !isMaster(from));
    }

    @Test
    @DisplayName("R28 nodes that know different reigns do not take turns in beginning epochs")
    void reigns() {
        RedisServer made = RedisServer.standalone(false);
        server = made;
        assertTrue(epoch(made, "first", "abc:1").contains("first"));
        assertTrue(epoch(made, "second", "abc:2").contains("second"));
        assertTrue(epoch(made, "third", "abc:1").contains("second"));
        assertTrue(epoch(made, "fourth", "abc:2").contains("second"));
        assertTrue(epoch(made, "fifth", "def:2").contains("fifth"));
    }

    private static String epoch(RedisServer made, String candidate, String run) {
        String text = Script.load("run.lua", "channel.lua", "read.lua").text();
        return made.node()
                .call("EVAL", text, "3", "r", "s", "n", candidate, "9", "60000", "999", "-", "-1", "9", "0", run);
    }

    static boolean isMaster(Node node) {
        try {
            return node.call("ROLE").contains("master");
        } catch (UncheckedIOException e) {
            // The sentinel cuts everybody off when it promotes.
            return false;
        }
    }

    @Test
    @DisplayName("A25 whom the sentinels do not name any more is left, though it still says that it is the master")
    void renamed() {
        RedisServer pair = RedisServer.sentinel(false);
        Lab lab = start(pair, Lab.quick(pair, RedisOptions.Mode.SENTINEL).setMasterName(RedisServer.MASTER_NAME));
        Node next = pair.nodes().get(1);
        next.call("REPLICAOF", "NO", "ONE");
        Redis sentinel = Redis.createClient(vertx, pair.endpoints().get(0));
        for (List<String> words : List.of(
                List.of("REMOVE", RedisServer.MASTER_NAME),
                List.of("MONITOR", RedisServer.MASTER_NAME, "127.0.0.1", String.valueOf(next.port()), "1"))) {
            Request request = Request.cmd(Command.SENTINEL);
            words.forEach(request::arg);
            Await.get("the sentinel", sentinel.send(request));
        }
        Await.until(
                "the other one is asked",
                Duration.ofSeconds(20),
                () -> String.valueOf(lab.commands.endpoint("")).endsWith(":" + next.port()));
        awaitHearing(lab);
        Await.get("close", sentinel.close().map(true));
    }

    @Test
    @DisplayName(
            "R30 in a cluster, subscriptions that are killed on every master are made good; a master that restarts tells its channels")
    void cluster() {
        RedisServer made = RedisServer.cluster(true);
        Lab node = start(made, Lab.quick(made, RedisOptions.Mode.CLUSTER));
        int channels = 20;
        for (int c = 0; c < channels; c++) {
            Await.get("subscribe", node.broker.subscribe("room:" + c, KEEP));
        }
        List<Future<Receipt>> receipts = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            receipts.add(node.broker.publish(publication("room:" + i % channels, i)));
            if (i == 150 || i == 300) {
                Await.get("publish", receipts.get(i));
                for (Node one : made.nodes()) {
                    Await.until(
                            "there is a subscription to kill",
                            () -> !":0".equals(one.call("CLIENT", "KILL", "TYPE", "pubsub")));
                }
            }
        }
        receipts.forEach(receipt -> Await.get("publish", receipt));
        Await.until("all arrive", () -> ears.payloads.size() >= 400);
        assertEquals(
                IntStream.range(0, 400).boxed().toList(),
                ears.payloads.stream().sorted().toList());
        assertEquals(List.of(), ears.gaps);
        made.node().restart();
        Await.until("its channels are told", Duration.ofSeconds(20), () -> !ears.gaps.isEmpty());
        Await.until("all can publish", Duration.ofSeconds(20), () -> {
            Future<Receipt> last = null;
            List<Future<Receipt>> all = new ArrayList<>();
            for (int c = 0; c < channels; c++) {
                last = node.broker.publish(publication("room:" + c, 1000 + c));
                all.add(last);
            }
            Await.until("an end", () -> all.stream().allMatch(Future::isComplete));
            return all.stream().allMatch(Future::succeeded);
        });
        Await.until("all arrive", () -> ears.payloads.size() >= 400 + channels);
        assertEquals(400 + channels, ears.payloads.size());
        assertTrue(ears.gaps.size() < channels && ears.gaps.stream().allMatch(gap -> gap == GapReason.EPOCH));
    }
}
