package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import dev.polywire.spi.Broker.Slice;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A Redis Cluster whose masters have replicas: one takes over by agreement, one by force, and two because their masters die, while publishes go on. */
class RedisClusterFailoverTest {
    private static final Keep KEEP = new Keep(100_000, Duration.ofMinutes(10));
    private static final Duration LONG = Duration.ofSeconds(30);

    /** How many publishes of a channel are not answered at a time. */
    private static final int OPEN = 20;

    private final Vertx vertx = Vertx.vertx();
    private final RedisServer server = RedisServer.clusterWithReplicas(false, 1000);
    private final Log log = new Log();
    private final Lab publisher = new Lab(vertx, Lab.quick(server, RedisOptions.Mode.CLUSTER));
    private final Lab subscriber = new Lab(vertx, Lab.quick(server, RedisOptions.Mode.CLUSTER));
    private final List<Load> loads = new ArrayList<>();

    @AfterEach
    void end() {
        Await.get("close", publisher.close().map(true));
        Await.get("close", subscriber.close().map(true));
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    /** What happened in a channel: a message, or a gap. */
    private record Event(
            @Nullable Integer payload,
            @Nullable GapReason gap,
            @Nullable Position position) {}

    private static final class Log implements Broker.Listener {
        private final Map<String, List<Event>> events = new ConcurrentHashMap<>();

        List<Event> of(String channel) {
            return events.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>());
        }

        @Override
        public void message(String channel, ServerFrame.Message message, @Nullable String except) {
            of(channel).add(new Event(message.payload().as(Integer.class), null, null));
        }

        @Override
        public void gap(String channel, GapReason reason, @Nullable Position position) {
            of(channel).add(new Event(null, reason, position));
        }

        List<Event> gaps(String channel) {
            return of(channel).stream().filter(event -> event.gap() != null).toList();
        }
    }

    /** Publishes 1, 2, 3 … to a channel, whatever becomes of each, until it is told to stop. */
    private final class Load {
        final String channel;
        final List<Integer> acknowledged = new CopyOnWriteArrayList<>();
        volatile int refused;
        volatile boolean over;
        private int next;
        private int open;
        private final long timer;

        Load(String channel) {
            this.channel = channel;
            timer = vertx.setPeriodic(4, id -> publisher.commands.context().runOnContext(v -> publish()));
        }

        private void publish() {
            if (over || open >= OPEN) {
                return;
            }
            open++;
            int payload = ++next;
            publisher
                    .broker
                    .publish(publication(channel, payload))
                    .onComplete(result -> publisher.commands.context().runOnContext(v -> {
                        open--;
                        if (result.succeeded()) {
                            acknowledged.add(payload);
                        } else {
                            refused++;
                        }
                    }));
        }

        void stop() {
            vertx.cancelTimer(timer);
            over = true;
            Await.until("all is answered", LONG, () -> open == 0);
        }
    }

    private static Publication publication(String channel, int payload) {
        Message message = new Message(channel, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return new Publication(message, KEEP, channel + '/' + payload, null);
    }

    /** Names a channel whose keys are with one of the masters, by the place of that. */
    private String channelOf(int master) {
        int[] bounds = {0, 5461, 10923, 16384};
        for (int i = 0; ; i++) {
            String name = "room:" + i;
            int slot = Servers.slot("{c:" + name + "}");
            if (slot >= bounds[master] && slot < bounds[master + 1]) {
                return name;
            }
        }
    }

    private Node master(int of) {
        return server.nodes().get(of);
    }

    private Node replica(int of) {
        return server.nodes().get(3 + of);
    }

    private void awaitFlow(String when) {
        List<Integer> before =
                loads.stream().map(load -> load.acknowledged.size()).toList();
        Await.until("publishes go on " + when, LONG, () -> {
            for (int i = 0; i < loads.size(); i++) {
                if (loads.get(i).acknowledged.size() < before.get(i) + 50) {
                    return false;
                }
            }
            return true;
        });
    }

    private void awaitTold(Load load, int gaps) {
        Await.until("it is told", LONG, () -> log.gaps(load.channel).size() >= gaps);
    }

    private void start() {
        subscriber.broker.listen(log);
        for (Lab lab : List.of(publisher, subscriber)) {
            Await.until("Redis is heard", LONG, () -> lab.listening.hears() && lab.commands.up());
        }
        for (int i = 0; i < 3; i++) {
            String channel = channelOf(i);
            Await.get("subscribe", subscriber.broker.subscribe(channel, KEEP).map(true));
            loads.add(new Load(channel));
        }
        awaitFlow("at first");
    }

    private static void promote(Node replica, String... how) {
        List<String> words = new ArrayList<>(List.of("CLUSTER", "FAILOVER"));
        words.addAll(List.of(how));
        // Refused for a moment when the replica has just lost its master's connection.
        Await.until(
                "it takes over",
                LONG,
                () -> replica.call(words.toArray(String[]::new)).contains("OK"));
        Await.until("it is a master", LONG, () -> RedisFailoverTest.isMaster(replica));
    }

    @Test
    @DisplayName(
            "A25, R28 with publishes going on, replicas take over by agreement, by force, and after kill -9: nothing is lost silently, repeated or out of order")
    void underLoad() {
        start();
        promote(replica(0));
        awaitTold(loads.get(0), 1);
        awaitFlow("after the first fail-over");
        promote(replica(1), "TAKEOVER");
        awaitTold(loads.get(1), 1);
        awaitFlow("after the second");
        master(2).kill();
        Await.until("the replica is promoted", LONG, () -> RedisFailoverTest.isMaster(replica(2)));
        awaitTold(loads.get(2), 1);
        awaitFlow("after the third");
        loads.forEach(Load::stop);
        assertTrue(loads.get(2).refused > 0, "While nobody had its slots, something was refused.");
        for (Load load : loads) {
            check(load);
        }
    }

    private void check(Load load) {
        int last = load.acknowledged.get(load.acknowledged.size() - 1);
        Await.until(
                "the last has come",
                LONG,
                () -> log.of(load.channel).stream()
                        .anyMatch(event -> Integer.valueOf(last).equals(event.payload())));
        Set<Integer> missing = new HashSet<>(load.acknowledged);
        Set<Integer> seen = new HashSet<>();
        int before = 0;
        boolean told = false;
        List<Integer> silently = new ArrayList<>();
        for (Event event : log.of(load.channel)) {
            Integer payload = event.payload();
            if (payload == null) {
                told = true;
                continue;
            }
            assertTrue(seen.add(payload), payload + " was repeated in " + load.channel);
            assertTrue(payload > before, payload + " came after " + before + " in " + load.channel);
            for (int between = before + 1; between < payload; between++) {
                if (missing.contains(between) && !told) {
                    silently.add(between);
                }
            }
            missing.remove(payload);
            before = payload;
            told = false;
        }
        assertEquals(List.of(), silently, "lost silently in " + load.channel);
        for (Event gap : log.gaps(load.channel)) {
            assertEquals(GapReason.EPOCH, gap.gap());
            assertNotNull(gap.position());
        }
    }

    @Test
    @DisplayName(
            "A25, R29 what a replica had not yet got when its master died shows as a new epoch, a gap, and a position that is not recovered")
    void tail() {
        start();
        loads.forEach(Load::stop);
        String channel = loads.get(2).channel;
        int next = 1_000_000;
        Position kept = publish(channel, next++);
        assertTrue(master(2).call("WAIT", "1", "2000").equals(":1"));
        Await.until("the replica has it", LONG, () -> offset(master(2)).equals(offset(replica(2))));
        // From now on it does not get a connection to its master any more.
        master(2).call("CONFIG", "SET", "requirepass", "nobody knows");
        replica(2).call("CLIENT", "KILL", "TYPE", "master");
        Position lost = kept;
        for (int i = 0; i < 5; i++) {
            lost = publish(channel, next++);
        }
        int top = next - 1;
        Await.until(
                "they were handed on",
                () -> log.of(channel).stream()
                        .anyMatch(event -> Integer.valueOf(top).equals(event.payload())));
        assertEquals(kept.offset() + 5, lost.offset());
        master(2).kill();
        Await.until("the replica is promoted", LONG, () -> RedisFailoverTest.isMaster(replica(2)));
        awaitTold(loads.get(2), 1);
        Event gap = log.gaps(channel).get(0);
        assertEquals(GapReason.EPOCH, gap.gap());
        Position at = gap.position();
        assertNotNull(at);
        assertNotEquals(kept.epoch(), at.epoch());
        assertEquals(kept.offset(), at.offset(), "It ends where the replica was.");
        int again = next;
        List<Position> after = new ArrayList<>();
        Await.until("publishes go on", LONG, () -> {
            var receipt = publisher.broker.publish(publication(channel, again));
            Await.until("an end", receipt::isComplete);
            if (receipt.succeeded()) {
                after.add(position(receipt.result()));
            }
            return receipt.succeeded();
        });
        assertEquals(kept.offset() + 1, after.get(0).offset());
        assertEquals(at.epoch(), after.get(0).epoch());
        assertFalse(read(channel, lost).complete(), "What is ahead of where the epochs part is told as lost.");
        Slice recovered = read(channel, kept);
        assertTrue(recovered.complete());
        assertEquals(
                List.of(again),
                recovered.messages().stream()
                        .map(message -> message.payload().as(Integer.class))
                        .toList());
    }

    private Slice read(String channel, Position since) {
        return Await.get("read", subscriber.broker.read(channel, KEEP, since, 100, false));
    }

    private Position publish(String channel, int payload) {
        return position(Await.get("publish", publisher.broker.publish(publication(channel, payload))));
    }

    private static Position position(Receipt receipt) {
        Position position = receipt.position();
        assertNotNull(position);
        return position;
    }

    private static String offset(Node node) {
        return node.call("INFO", "replication")
                .lines()
                .filter(line -> line.startsWith("master_repl_offset"))
                .findFirst()
                .orElseThrow();
    }
}
