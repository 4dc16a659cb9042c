package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Peers;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every cluster's way from node to node has to pass. Extend it, and say how nodes are made, and how they die and sleep. */
public abstract class PeersConformance extends ClusterKit {
    /** For the subclasses. */
    protected PeersConformance() {}

    /**
     * Lets a node sleep, as a process does that is stopped: it does nothing, and its connections stay.
     *
     * @param node one that has joined
     */
    protected abstract void sleep(Cluster node);

    /**
     * Wakes a node up.
     *
     * @param node one that sleeps
     */
    protected abstract void wake(Cluster node);

    private static dev.polywire.protocol.ServerFrame.Member member(String session) {
        return new dev.polywire.protocol.ServerFrame.Member(session, "u-" + session, Payload.of("online"), 1000);
    }

    private static void enter(Member node, String channel, String session) {
        Await.get("join", node.cluster.presence().join(channel, member(session), 100_000));
    }

    private static int count(Member node, String channel) {
        return Await.get("read", node.cluster.presence().read(channel, 0)).count();
    }

    private static String channel() {
        return "kit:" + java.util.UUID.randomUUID();
    }

    @Test
    @DisplayName("A name is 8 to 24 small letters and digits, and nobody else's")
    void names() {
        Member one = join();
        Member other = join();
        for (Member member : List.of(one, other)) {
            assertTrue(member.name().matches("[a-z0-9]{8,24}"), member.name());
        }
        assertNotEquals(one.name(), other.name());
    }

    @Test
    @DisplayName("A question is answered by the node that is asked, which learns who asks")
    void answers() {
        Member one = join();
        Member other = join();
        assertEquals(one.name() + ":hello", ask(one, other.name(), "hello"));
        assertEquals(other.name() + ":hello", ask(other, one.name(), "hello"));
        assertEquals(one.name() + ":me", ask(one, one.name(), "me"));
    }

    @Test
    @DisplayName(
            "A question and an answer may have 4 MiB of any bytes, and be empty; more is refused at once, and so is what would be told to all")
    void sizes() {
        Member one = join();
        Member other = join();
        other.answers = (from, question) -> Future.succeededFuture(question);
        byte[] large = new byte[Peers.MOST_BYTES];
        new java.util.Random(1).nextBytes(large);
        for (Buffer question : List.of(Buffer.buffer(large), Buffer.buffer())) {
            assertEquals(question, Await.get("answer", one.peers().ask(other.name(), question, 8000)));
        }
        Buffer larger = Buffer.buffer(large).appendByte((byte) 0);
        long began = System.nanoTime();
        assertEquals(ErrorCode.TOO_LARGE, refusal(one.peers().ask(other.name(), larger, 60_000)));
        assertEquals(ErrorCode.TOO_LARGE, refusal(one.peers().tellAll(larger)));
        other.answers = (from, question) -> Future.succeededFuture(larger);
        assertEquals(ErrorCode.TOO_LARGE, refusal(one.peers().ask(other.name(), Buffer.buffer("?"), 60_000)));
        assertEquals(ErrorCode.TOO_LARGE, refusal(other.peers().ask(other.name(), Buffer.buffer("?"), 60_000)));
        assertSoon(began);
    }

    private static void assertSoon(long began) {
        assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(30), "It waited for an answer.");
    }

    @Test
    @DisplayName("Each answer goes to its question, whatever the order")
    void manyQuestions() {
        Member one = join();
        Member other = join();
        Map<String, Promise<Buffer>> open = new ConcurrentHashMap<>();
        other.answers = (from, question) -> {
            Promise<Buffer> answer = Promise.promise();
            open.put(question.toString(), answer);
            return answer.future();
        };
        List<Future<Buffer>> asked = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            asked.add(one.peers().ask(other.name(), Buffer.buffer("q" + i), 8000));
        }
        Await.until("all have come", () -> open.size() == 100);
        for (int i = 99; i >= 0; i--) {
            open.get("q" + i).complete(Buffer.buffer("a" + i));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals("a" + i, Await.get("answer", asked.get(i)).toString());
        }
    }

    @Test
    @DisplayName("R36 a question that is not answered fails in time")
    void silence() {
        Member one = join();
        Member other = join();
        long began = System.nanoTime();
        other.answers = (from, question) -> Promise.<Buffer>promise().future();
        assertEquals(ErrorCode.UNAVAILABLE, refusal(one.peers().ask(other.name(), Buffer.buffer("?"), 300)));
        assertTrue(System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(250), "It did not wait.");
        other.answers = (from, question) -> Future.succeededFuture(question);
        assertEquals("again", ask(one, other.name(), "again"));
    }

    @Test
    @DisplayName(
            "R36 who asks is told at once that a question has failed, and that it is unavailable, whatever it failed with: only a dead node is lost")
    void failures() {
        Member one = join();
        Member other = join();
        long began = System.nanoTime();
        List<Throwable> causes = List.of(
                new IllegalStateException("no"),
                new ProtocolException(ErrorCode.LOST, "no"),
                new ProtocolException(ErrorCode.FORBIDDEN, "no"),
                new ProtocolException(ErrorCode.UNAVAILABLE, "no"));
        for (Member asks : List.of(one, other)) {
            for (Throwable cause : causes) {
                other.answers = (from, question) -> Future.failedFuture(cause);
                assertEquals(
                        ErrorCode.UNAVAILABLE, refusal(asks.peers().ask(other.name(), Buffer.buffer("?"), 60_000)));
            }
            other.answers = (from, question) -> {
                throw new IllegalStateException("no");
            };
            assertEquals(ErrorCode.UNAVAILABLE, refusal(asks.peers().ask(other.name(), Buffer.buffer("?"), 60_000)));
            other.answers =
                    (from, question) -> Future.failedFuture(new ProtocolException(ErrorCode.TOO_LARGE, "That much?"));
            assertEquals(ErrorCode.TOO_LARGE, refusal(asks.peers().ask(other.name(), Buffer.buffer("?"), 60_000)));
        }
        assertSoon(began);
        other.answers = (from, question) -> Future.succeededFuture(question);
        assertEquals("again", ask(one, other.name(), "again"));
    }

    @Test
    @DisplayName("A name that no node has is lost, whatever it is")
    void nobody() {
        Member one = join();
        awaitLost(one, "nobody00");
        assertEquals(ErrorCode.LOST, refusal(one.peers().ask("{no} name", Buffer.buffer("?"), 200)));
    }

    @Test
    @DisplayName("What a node tells all comes to every other node, in order")
    void tellsAll() {
        Member one = join();
        Member two = join();
        Member three = join();
        for (int i = 0; i < 20; i++) {
            Await.get("tell", one.peers().tellAll(Buffer.buffer("w" + i)).map(true));
        }
        List<String> expected = Stream.iterate(0, i -> i + 1)
                .limit(20)
                .map(i -> one.name() + ":w" + i)
                .toList();
        Await.until("all is told", () -> two.told.size() == 20 && three.told.size() == 20);
        assertEquals(expected, two.told);
        assertEquals(expected, three.told);
        assertEquals(List.of(), one.told);
    }

    @Test
    @DisplayName("Whoever is alive is listed, in order of names, with what it says about itself")
    void lists() {
        Member one = join();
        Member other = join();
        one.peers().describe(new JsonObject().put("n", 1));
        other.peers().describe(new JsonObject().put("n", 2));
        List<Peers.Node> expected = Stream.of(
                        new Peers.Node(one.name(), new JsonObject().put("n", 1)),
                        new Peers.Node(other.name(), new JsonObject().put("n", 2)))
                .sorted(java.util.Comparator.comparing(Peers.Node::name))
                .toList();
        Await.until(
                "both are listed",
                burial(),
                () -> Await.get("nodes", one.peers().nodes()).equals(expected));
        leave(other);
        assertEquals(
                List.of(one.name()),
                Await.get("nodes", one.peers().nodes()).stream()
                        .map(Peers.Node::name)
                        .toList());
    }

    @Test
    @DisplayName("R34 who leaves is lost at once, and its members have left")
    void leaves() {
        Member one = join();
        Member other = join();
        String channel = channel();
        enter(one, channel, "s1");
        enter(other, channel, "s2");
        enter(other, channel, "s3");
        String name = other.name();
        leave(other);
        assertEquals(1, count(one, channel));
        assertEquals(2, one.heard.await(channel, Leave.class, 2).size());
        assertEquals(ErrorCode.LOST, refusal(one.peers().ask(name, Buffer.buffer("?"), 2000)));
    }

    @Test
    @DisplayName("R34 the members of a killed node leave once, however many nodes see that it is dead")
    void killed() {
        Member dead = join();
        List<Member> survivors = List.of(join(), join(), join());
        String channel = channel();
        String second = channel();
        for (Member survivor : survivors) {
            enter(survivor, channel, "stays-" + survivor.name());
            enter(survivor, second, "stays-" + survivor.name());
        }
        for (int i = 0; i < 250; i++) {
            enter(dead, channel, "goes-" + i);
        }
        enter(dead, second, "goes");
        kill(dead);
        for (Member survivor : survivors) {
            awaitLost(survivor, dead.name());
        }
        for (Member survivor : survivors) {
            Await.until(
                    "all have left",
                    burial(),
                    () -> survivor.heard.of(channel, Leave.class).size() >= 250);
            Await.until(
                    "it has left",
                    burial(),
                    () -> survivor.heard.of(second, Leave.class).size() >= 1);
            List<Leave> leaves = survivor.heard.of(channel, Leave.class);
            assertEquals(250, leaves.size());
            assertEquals(
                    250,
                    leaves.stream().map(l -> l.member().session()).distinct().count());
            long version = leaves.get(0).version();
            for (Leave leave : leaves) {
                assertEquals(version++, leave.version());
                assertTrue(leave.last());
            }
            assertEquals(1, survivor.heard.of(second, Leave.class).size());
            assertEquals(3, count(survivor, channel));
            assertEquals(List.of(), survivor.buried);
        }
    }

    @Test
    @DisplayName("R34, R38 a node that slept for too long is buried, learns it, and goes on under another name")
    void slept() {
        Member sleeper = join();
        Member other = join();
        String channel = channel();
        enter(other, channel, "stays");
        enter(sleeper, channel, "goes");
        String before = sleeper.name();
        sleep(sleeper.cluster);
        try {
            awaitLost(other, before);
            assertEquals(1, other.heard.await(channel, Leave.class, 1).size());
        } finally {
            wake(sleeper.cluster);
        }
        Await.until("it learns that it was buried", burial(), () -> !sleeper.buried.isEmpty());
        assertEquals(List.of(before), sleeper.buried);
        assertNotEquals(before, sleeper.name());
        assertEquals(List.of(sleeper.name()), sleeper.namesThen);
        Await.until(
                "it is heard by its new name",
                burial(),
                () -> ask(other, other.name(), "?").length() > 0
                        && Await.get(
                                "ask",
                                other.peers()
                                        .ask(sleeper.name(), Buffer.buffer("hi"), 1000)
                                        .transform(result -> Future.succeededFuture(result.succeeded()))));
        assertEquals(1, count(other, channel));
        enter(sleeper, channel, "again");
        assertEquals(2, count(other, channel));
        Await.until(
                "the join is heard",
                () -> other.heard.of(channel, Join.class).stream()
                        .anyMatch(join -> join.member().session().equals("again")));
        assertEquals(1, other.heard.of(channel, Leave.class).size());
        assertEquals(List.of(), other.buried);
    }

    @Test
    @DisplayName("R34 a member whose session another node has now stays when the old node leaves it, or dies")
    void reowned() {
        Member old = join();
        Member next = join();
        Member watcher = join();
        String channel = channel();
        enter(watcher, channel, "watches");
        enter(old, channel, "moves");
        enter(old, channel, "dies");
        enter(next, channel, "moves");
        assertEquals(false, Await.get("leave", old.cluster.presence().leave(channel, "moves")));
        kill(old);
        awaitLost(watcher, old.name());
        Await.until(
                "one has left",
                burial(),
                () -> !watcher.heard.of(channel, Leave.class).isEmpty());
        assertEquals(
                List.of("dies"),
                watcher.heard.of(channel, Leave.class).stream()
                        .map(leave -> leave.member().session())
                        .toList());
        assertEquals(2, count(watcher, channel));
        assertEquals(true, Await.get("leave", next.cluster.presence().leave(channel, "moves")));
        assertEquals(1, count(watcher, channel));
        List<Join> joins = watcher.heard.of(channel, Join.class);
        assertEquals(3, joins.size(), "A move announces nothing.");
    }
}
