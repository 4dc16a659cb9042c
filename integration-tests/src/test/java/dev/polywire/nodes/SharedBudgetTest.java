package dev.polywire.nodes;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.Principal;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.SharingOptions;
import dev.polywire.cluster.redis.RedisCluster;
import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A user with sessions at two nodes has one budget, as long as Redis answers, and two when it does not. */
class SharedBudgetTest {
    private static final int RATE = 2;
    private static final int BURST = 10 * RATE;
    private static final int PERCENT = 10;

    /** What both nodes may let pass unknown to each other. */
    private static final int SLICES = 2 * (BURST * PERCENT / 100 + 1);

    private final Vertx vertx = Vertx.vertx();
    private final List<Realtime> nodes = new ArrayList<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<Sender> senders = new ArrayList<>();
    private RedisServer redis;

    /** A client that counts what it was let do. */
    private final class Sender {
        final AtomicInteger passed = new AtomicInteger();
        final AtomicInteger refused = new AtomicInteger();
        final WebSocketDriver driver;
        final ReferenceClient client;
        int sent;

        Sender(int node, String user) {
            driver = new WebSocketDriver(vertx, "127.0.0.1", servers.get(node).actualPort(), "/realtime");
            client = new ReferenceClient(vertx, driver)
                    .token(user)
                    .acknowledging(false)
                    .keeping(false)
                    .listener(frame -> {
                        String type = frame.getString("type");
                        if ("rate_limited".equals(frame.getString("code"))) {
                            refused.incrementAndGet();
                        } else if ("ack".equals(type) || "error".equals(type)) {
                            // What Redis could not take was within the limits all the same.
                            passed.incrementAndGet();
                        }
                    });
            client.connect();
            senders.add(this);
        }

        void send(int many) {
            for (int i = 0; i < many; i++) {
                client.send(new JsonObject()
                        .put("type", "publish")
                        .put("id", "p" + sent++)
                        .put("channel", "open:x")
                        .put("payload", 1));
            }
        }

        /** Waits for all answers, and a moment longer: nobody acknowledges them, so there is room for so many. */
        void settled() {
            Await.until("answers", Duration.ofSeconds(20), () -> passed.get() + refused.get() == sent);
            long end = System.nanoTime() + 20_000_000;
            Await.until("a moment", () -> System.nanoTime() - end > 0);
        }

        void close() {
            client.close();
            driver.close();
        }
    }

    @BeforeEach
    void start() {
        redis = RedisServer.standalone();
        for (int i = 0; i < 2; i++) {
            Realtime node = Realtime.create(
                    vertx,
                    new RealtimeOptions()
                            .transports(List.of("websocket"))
                            .session(new SessionOptions()
                                    .window(3 << 20)
                                    .outbox(1 << 24)
                                    .rate(new RateLimit(1000, 1000, 1 << 20, 1 << 20, 100_000)))
                            .limits(new LimitOptions()
                                    .userMessages(RATE)
                                    .sharing(new SharingOptions().slicePercent(PERCENT)))
                            .namespace("open", new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE)));
            node.authenticator((token, who) -> Future.succeededFuture(Principal.of(token)));
            node.transport(new WebSocketTransport());
            node.cluster(new RedisCluster(
                    new RedisOptions().setEndpoints(redis.endpoints()).setCallTimeout(Duration.ofMillis(500))));
            Router router = Router.router(vertx);
            node.mount(router);
            Await.get("the node", node.ready().map(true));
            nodes.add(node);
            servers.add(Await.get(
                    "the port", vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1")));
        }
    }

    @AfterEach
    void stop() {
        senders.forEach(Sender::close);
        nodes.forEach(node -> Await.get("the node's end", node.close().map(true)));
        Await.get("the end of Vert.x", vertx.close().map(true));
        redis.close();
    }

    /** Sends from both for some time, and sees that both together are held to one budget. */
    private void assertOneBudget(Sender first, Sender second) {
        int before = first.passed.get() + second.passed.get();
        long begin = System.nanoTime();
        Await.until("three seconds", () -> {
            first.send(3);
            second.send(3);
            first.settled();
            second.settled();
            return System.nanoTime() - begin > 3_000_000_000L;
        });
        double seconds = (System.nanoTime() - begin) / 1e9;
        int passed = first.passed.get() + second.passed.get() - before;
        assertTrue(
                passed <= BURST + SLICES + RATE * seconds + 1,
                passed + " in " + seconds + " s, " + first.passed + " and " + second.passed);
        assertTrue(passed >= BURST, "but one budget there is: " + passed);
    }

    @Test
    @DisplayName("R62 all sessions of a user share what it may send, at whichever nodes they are")
    void oneBudget() {
        assertOneBudget(new Sender(0, "ann"), new Sender(1, "ann"));
        assertOneBudget(new Sender(0, "bob"), new Sender(1, "bob"));
    }

    @Test
    @DisplayName("While Redis is away each node has the limits for itself, and when it is back they share them again")
    void away() {
        Sender first = new Sender(0, "ann");
        Sender second = new Sender(1, "ann");
        redis.node().pause();
        for (Sender sender : List.of(first, second)) {
            Await.until("the budget of this node alone", () -> {
                sender.send(2);
                sender.settled();
                return sender.passed.get() >= BURST;
            });
            int before = sender.passed.get();
            sender.send(2 * BURST);
            sender.settled();
            assertTrue(sender.passed.get() - before <= BURST, "and there is a limit: " + sender.passed);
        }
        redis.node().resume();
        // Somebody finds out that it is back.
        Sender other = new Sender(0, "eve");
        Sender another = new Sender(1, "eve");
        Await.until("both nodes have found out", () -> {
            other.send(1);
            another.send(1);
            other.settled();
            another.settled();
            return nodes.stream()
                    .allMatch(node -> Boolean.TRUE.equals(node.stats().getBoolean("limitsShared")));
        });
        assertOneBudget(new Sender(0, "bob"), new Sender(1, "bob"));
    }

    @Test
    @DisplayName("After a Redis that was killed has started again, the limits are shared again")
    void killed() {
        redis.node().kill();
        List<Sender> both = List.of(new Sender(0, "ann"), new Sender(1, "ann"));
        for (Sender sender : both) {
            Await.until("local limits", () -> {
                sender.send(2);
                sender.settled();
                return sender.passed.get() >= BURST;
            });
        }
        redis.node().start();
        Await.until("both nodes have found out", Duration.ofSeconds(20), () -> {
            both.forEach(sender -> sender.send(1));
            both.forEach(Sender::settled);
            return nodes.stream()
                    .allMatch(node -> Boolean.TRUE.equals(node.stats().getBoolean("limitsShared")));
        });
        assertOneBudget(new Sender(0, "bob"), new Sender(1, "bob"));
    }
}
