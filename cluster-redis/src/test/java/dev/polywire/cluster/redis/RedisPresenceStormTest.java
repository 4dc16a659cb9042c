package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.cluster.redis.server.Node;
import dev.polywire.cluster.redis.server.RedisServer;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.protocol.ServerFrame.PresenceChange;
import dev.polywire.protocol.ServerFrame.PresenceList;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Members that come, change and go on three nodes while Redis fails in every way, one after the other, at random moments. */
class RedisPresenceStormTest {
    private static final List<String> CHANNELS = List.of("a", "b", "c");
    private static final Duration LONG = Duration.ofSeconds(30);

    private final long seed = Long.getLong("polywire.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** Who has to be present in the end. */
    private final Map<String, Set<String>> wanted = new HashMap<>();

    private int failed;
    private int done;

    RedisServer start() {
        return RedisServer.standalone(false);
    }

    RedisOptions.Mode mode() {
        return RedisOptions.Mode.STANDALONE;
    }

    private enum Fault {
        NONE,
        KILL_COMMANDS,
        KILL_SUBSCRIPTIONS,
        SLEEP,
        FORGET,
        RESTART
    }

    @Test
    @DisplayName("R34 in the end those are present who are to be, and every node has been told of exactly those")
    void storm() {
        try (RedisServer server = start()) {
            Cast cast = new Cast(server, mode());
            List<Life> nodes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                nodes.add(new Life(cast.node()).join());
            }
            CHANNELS.forEach(channel -> wanted.put(channel, new TreeSet<>()));
            for (int i = 0; i < 3; i++) {
                for (String channel : CHANNELS) {
                    nodes.get(i).enter(channel, i + "-stays");
                    wanted.get(channel).add(i + "-stays");
                }
            }
            List<Fault> faults = List.of(Fault.values());
            for (int round = 0; round < 12; round++) {
                fault(
                        server,
                        round < faults.size() ? faults.get(round) : faults.get(random.nextInt(faults.size())),
                        nodes);
            }
            assertTrue(done > 100 && failed > 10, done + " calls done and " + failed + " failed, seed " + seed);
            for (Life node : nodes) {
                for (String channel : CHANNELS) {
                    check(node, channel);
                }
            }
            for (Life node : nodes) {
                assertEquals(List.of(), node.buried, "seed " + seed);
                node.end();
            }
        }
    }

    private void check(Life node, String channel) {
        List<String> expected = List.copyOf(wanted.get(channel));
        try {
            Await.until(
                    "as it is to be",
                    LONG,
                    () -> node.sessions(channel).equals(expected)
                            && told(node, channel).equals(wanted.get(channel)));
        } catch (AssertionError e) {
            throw new AssertionError(
                    "Channel " + channel + " is to have\n" + expected + "\nand has\n" + node.sessions(channel)
                            + "\n, and told was\n" + told(node, channel) + "\nseed " + seed,
                    e);
        }
    }

    /** What a subscriber has that has heard everything from the beginning, when those were there that stay. */
    private static Set<String> told(Life node, String channel) {
        Set<String> members = new TreeSet<>(Set.of("0-stays", "1-stays", "2-stays"));
        long version = 0;
        for (ServerFrame frame : node.heard(channel, ServerFrame.class)) {
            if (frame instanceof PresenceList list && list.version() >= version) {
                version = list.version();
                members.clear();
                list.members().forEach(member -> members.add(member.session()));
            } else if (frame instanceof Join join && join.version() > version) {
                version = join.version();
                members.add(join.member().session());
            } else if (frame instanceof Leave leave && leave.version() > version) {
                version = leave.version();
                members.remove(leave.member().session());
            } else if (frame instanceof PresenceChange change && change.version() > version) {
                version = change.version();
            }
        }
        return members;
    }

    private void fault(RedisServer server, Fault fault, List<Life> nodes) {
        Node node = server.nodes().get(random.nextInt(server.nodes().size()));
        List<Future<?>> calls = new ArrayList<>();
        some(nodes, calls);
        switch (fault) {
            case NONE -> {}
            case KILL_COMMANDS -> node.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            case KILL_SUBSCRIPTIONS -> node.call("CLIENT", "KILL", "TYPE", "pubsub");
            case SLEEP -> {
                node.pause();
                some(nodes, calls);
                Cast.pass(Duration.ofMillis(200 + random.nextInt(1800)));
                some(nodes, calls);
                node.resume();
            }
            case FORGET -> node.call("FLUSHALL");
            case RESTART -> {
                node.kill();
                some(nodes, calls);
                node.start();
            }
        }
        some(nodes, calls);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(600));
        while (System.nanoTime() < end) {
            some(nodes, calls);
            Cast.pass(Duration.ofMillis(20));
        }
        for (Future<?> call : calls) {
            Await.until("every call ends, seed " + seed, call::isComplete);
        }
    }

    private void some(List<Life> nodes, List<Future<?>> calls) {
        for (int i = 0; i < 10; i++) {
            int which = random.nextInt(3);
            Life node = nodes.get(which);
            String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
            String session = which + "-" + random.nextInt(8);
            Set<String> there = wanted.get(channel);
            Future<?> call;
            if (!there.contains(session)) {
                there.add(session);
                // Whoever cannot join leaves: it may have joined all the same.
                Future<?> join = node.entering(channel, session);
                calls.add(join);
                call = join;
                if (Await.<Boolean>get("an end", join.transform(result -> Future.succeededFuture(result.failed())))) {
                    there.remove(session);
                    calls.add(node.cluster.presence().leave(channel, session));
                }
            } else if (random.nextBoolean()) {
                there.remove(session);
                call = node.cluster.presence().leave(channel, session);
            } else {
                call = node.cluster.presence().update(channel, session, Payload.of(i));
            }
            calls.add(call.onComplete(result -> {
                synchronized (this) {
                    if (result.failed()) {
                        failed++;
                    } else {
                        done++;
                    }
                }
            }));
        }
    }
}
