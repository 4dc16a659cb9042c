package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The subscription connection, and what it says about itself. */
class ListeningTest {
    private final Vertx vertx = Vertx.vertx();
    private RedisServer server;
    private Lab lab;

    @BeforeEach
    void start() {
        server = RedisServer.standalone(false);
        lab = new Lab(vertx, Lab.quick(server, RedisOptions.Mode.STANDALONE).setLinger(Duration.ofMillis(700)));
        Await.until("Redis is heard", lab.listening::hears);
    }

    @AfterEach
    void end() {
        Await.get("close", lab.close().map(true));
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    private static Listening.Listener counting(AtomicInteger count) {
        return new Listening.Listener() {
            @Override
            public void message(Buffer payload) {
                count.incrementAndGet();
            }
        };
    }

    @Test
    @DisplayName("Subscriptions are counted, and linger so that coming and going costs Redis nothing")
    void lingers() {
        Await.get(
                "subscribe",
                lab.listening.subscribe("a", counting(new AtomicInteger())).map(true));
        String before = subscribes();
        for (int i = 0; i < 50; i++) {
            Listening.Listener listener = counting(new AtomicInteger());
            Await.get("subscribe", lab.listening.subscribe("b", listener).map(true));
            Await.get("unsubscribe", lab.listening.unsubscribe("b", listener).map(true));
        }
        assertEquals(before.replace("calls=2", "calls=3"), subscribes());
        Await.until("it ends", () -> server.node().call("PUBSUB", "NUMSUB", "b").endsWith(":0"));
        assertTrue(server.node().call("PUBSUB", "NUMSUB", "a").endsWith(":1"));
    }

    private String subscribes() {
        String stats = server.node().call("INFO", "commandstats");
        int at = stats.indexOf("cmdstat_subscribe:");
        return stats.substring(at, stats.indexOf(',', at));
    }

    @Test
    @DisplayName("Readiness follows what comes back; liveness does not depend on Redis")
    void health() {
        Health health = new Health(lab.commands, lab.commands::whole, lab.listening, () -> true, lab.options);
        assertTrue(Await.get("ready", health.ready()).isOk());
        server.node().pause();
        Await.until("not ready", () -> !Await.get("ready", health.ready()).isOk());
        assertTrue(Await.get("alive", health.alive()).isOk());
        server.node().resume();
        Await.until("ready", () -> Await.get("ready", health.ready()).isOk());
    }

    @Test
    @DisplayName("A connection that may not subscribe is tried again at a calm pace")
    void refused() {
        AtomicInteger count = new AtomicInteger();
        server.node().call("ACL", "SETUSER", "default", "resetchannels");
        server.node().call("CLIENT", "KILL", "TYPE", "pubsub");
        String before = connections();
        Await.until("not heard", () -> !lab.listening.hears());
        lab.listening.subscribe("c", counting(count));
        Await.until("some attempts", () -> number(connections()) - number(before) >= 4);
        server.node().call("ACL", "SETUSER", "default", "allchannels");
        Await.until("heard", lab.listening::hears);
        assertTrue(number(connections()) - number(before) < 60, "That was many attempts.");
    }

    private String connections() {
        return server.node().call("INFO", "stats");
    }

    private static int number(String stats) {
        int at = stats.indexOf("total_connections_received:");
        return Integer.parseInt(stats.substring(at + 27, stats.indexOf('\r', at)));
    }
}
