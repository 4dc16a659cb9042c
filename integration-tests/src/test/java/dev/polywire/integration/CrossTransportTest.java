package dev.polywire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelHandler;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.conformance.Attached;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ChaosProxy;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.spi.Broker;
import dev.polywire.transport.longpoll.LongPollTransport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One session, switched between all ordered pairs of wires under load, through a proxy that behaves badly. */
class CrossTransportTest {
    private static final int SWITCHES = Integer.getInteger("polywire.switches", 510);
    private static final int BURST = 100;
    private static final List<String> WIRES = List.of("websocket", "sse", "longpoll");

    /** How a switch comes about. */
    private enum Fault {
        NONE,
        CUT,
        RESET,
        CUT_DOWN,
        CUT_UP,
        HOLE_DOWN,
        HOLE_UP
    }

    private final AtomicInteger arrivedDown = new AtomicInteger();
    private final AtomicInteger arrivedUp = new AtomicInteger();
    private final AtomicReference<String> wrong = new AtomicReference<>();
    private final Map<String, Integer> switches = new TreeMap<>();
    private int sentDown;
    private int sentUp;
    private int cuts;
    private int cutsWithOutbox;

    @Test
    @DisplayName("R12 R18 R21 R25 a session that changes its wire all the time hands over exactly 1..N, both ways")
    void everyOrderedPair() {
        long seed = Long.getLong("polywire.seed", System.nanoTime() & 0xffffff);
        long began = System.nanoTime();
        Vertx vertx = Vertx.vertx();
        RealtimeOptions options = KitServer.options(WIRES);
        options.session(options.session().outbox(64 << 20).heartbeat(Duration.ofSeconds(5)));
        KitServer server = KitServer.start(
                vertx, options, List.of(new WebSocketTransport(), new SseTransport(), new LongPollTransport()));
        ChaosProxy proxy = new ChaosProxy(vertx, server.port(), seed);
        List<ClientDriver> drivers = List.of(
                new WebSocketDriver(vertx, "127.0.0.1", proxy.port(), KitServer.PATH),
                new SseDriver(vertx, "127.0.0.1", proxy.port(), KitServer.PATH),
                new LongPollDriver(vertx, "127.0.0.1", proxy.port(), KitServer.PATH));
        ReferenceClient client = new ReferenceClient(vertx, drivers.get(0));
        try {
            run(server, proxy, drivers, client, new Random(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "with -Dpolywire.seed=" + seed + ": " + e.getMessage() + "; " + this + "; " + client, e);
        } finally {
            client.close();
            proxy.close();
            server.close();
            Await.get("the end of Vert.x", vertx.close());
        }
        System.out.println("CrossTransportTest: " + this + " in " + (System.nanoTime() - began) / 1_000_000 + " ms, "
                + proxy.cutsMidWrite() + " connections cut in the middle of a write, " + proxy.resets() + " reset");
    }

    private void run(
            KitServer server, ChaosProxy proxy, List<ClientDriver> drivers, ReferenceClient client, Random random) {
        server.watch(new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                next(
                        "up",
                        arrivedUp,
                        Integer.parseInt(publication.message().payload().toString()));
                return Future.succeededFuture(publication);
            }
        });
        client.keeping(false).persistent(true).listener(frame -> {
            if ("message".equals(frame.getString("type"))) {
                next("down", arrivedDown, frame.getInteger("payload"));
            }
        });
        client.connect();
        client.send(new JsonObject()
                .put("type", "subscribe")
                .put("id", "s")
                .put("channels", new JsonArray().add("open:down")));
        Await.until("the subscription", () -> server.realtime().channels().subscribers("open:down") == 1);
        int wire = 0;
        for (int i = 0; i < SWITCHES; i++) {
            if (i % 25 == 0) {
                proxy.delay(random.nextInt(4) == 0 ? 0 : random.nextInt(6));
                proxy.throttle(random.nextInt(3) == 0 ? 200_000 + random.nextInt(1_000_000) : 0);
            }
            burst(server, client);
            int enough = arrivedDown.get() + random.nextInt(BURST);
            Await.until("some more", () -> arrivedDown.get() >= Math.min(enough, sentDown) || wrong.get() != null);
            Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
            if (fault != Fault.NONE) {
                more(server, BURST / 4);
                harm(server, proxy, client, fault);
            }
            int next = (wire + 1 + random.nextInt(2)) % 3;
            attach(client, drivers.get(next));
            switches.merge(WIRES.get(wire) + ">" + WIRES.get(next), 1, Integer::sum);
            wire = next;
            assertEquals(null, wrong.get());
        }
        proxy.delay(0).throttle(0);
        Await.until("the last one down", Duration.ofSeconds(20), () -> arrivedDown.get() >= sentDown);
        Await.until("the last one up", Duration.ofSeconds(20), () -> arrivedUp.get() >= sentUp);
        assertEquals(null, wrong.get());
        assertEquals(sentDown, arrivedDown.get());
        assertEquals(sentUp, arrivedUp.get());
        assertTrue(client.controls().stream().noneMatch(frame -> "violation".equals(frame.getString("type"))));
        assertEquals(List.of(), List.copyOf(server.ended()));
        assertEquals(6, switches.size(), "all ordered pairs");
        if (SWITCHES >= 500) {
            assertTrue(sentDown >= 50_000 && sentUp >= 50_000);
            assertTrue(switches.values().stream().allMatch(count -> count >= 30));
        }
        assertTrue(cutsWithOutbox * 3 >= cuts, "a third of the cuts with a non-empty outbox");
        assertTrue(proxy.cutsMidWrite() > SWITCHES / 10, "cuts in the middle of a write");
    }

    private void harm(KitServer server, ChaosProxy proxy, ReferenceClient client, Fault fault) {
        // Looked at twice: were the last of it acknowledged in between, a wire would be cut that had nothing to carry.
        boolean full = kept(server) > 0;
        switch (fault) {
            case NONE -> throw new IllegalArgumentException("That does no harm.");
            case CUT -> client.cut();
            case RESET -> proxy.reset();
            case CUT_DOWN -> proxy.cutMidWrite(ChaosProxy.Direction.DOWN);
            case CUT_UP -> proxy.cutMidWrite(ChaosProxy.Direction.UP);
            case HOLE_DOWN -> proxy.blackhole(ChaosProxy.Direction.DOWN, 300);
            case HOLE_UP -> proxy.blackhole(ChaosProxy.Direction.UP, 300);
        }
        cuts++;
        if (full && kept(server) > 0) {
            cutsWithOutbox++;
        }
    }

    /** The bytes in the outbox of the one session that there is. */
    private static long kept(KitServer server) {
        return server.realtime().stats().getLong("outboxBytes");
    }

    /** As a client does that has found its wire dead: tries until a welcome comes. */
    private static void attach(ReferenceClient client, ClientDriver driver) {
        Await.until("an attach over " + driver.name(), () -> {
            Attached attached = client.attach(driver);
            long end = System.nanoTime() + 1_500_000_000L;
            Await.until("an answer", () -> attached.welcomed() || attached.over() || System.nanoTime() > end);
            return attached.welcomed();
        });
    }

    private void burst(KitServer server, ReferenceClient client) {
        for (int i = 0; i < BURST; i++) {
            more(server, 1);
            client.send(new JsonObject()
                    .put("type", "publish")
                    .put("channel", "open:up")
                    .put("payload", ++sentUp));
        }
    }

    private void more(KitServer server, int count) {
        for (int i = 0; i < count; i++) {
            server.realtime().channels().publish("open:down", "n", ++sentDown);
        }
    }

    private void next(String way, AtomicInteger count, int number) {
        int expected = count.incrementAndGet();
        if (number != expected) {
            wrong.compareAndSet(null, "going " + way + ", " + number + " came instead of " + expected);
        }
    }

    @Override
    public String toString() {
        return sentDown + " down, " + sentUp + " up, switches " + switches + ", " + cuts + " cuts, " + cutsWithOutbox
                + " of them with a non-empty outbox";
    }
}
