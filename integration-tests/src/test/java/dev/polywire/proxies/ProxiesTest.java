package dev.polywire.proxies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.conformance.Await;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The configurations in docs/operations, run: nginx and HAProxy before two nodes and a real Redis, without stickiness. */
class ProxiesTest {
    private static final List<String> WIRES = List.of("websocket", "sse", "longpoll");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient http = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
    private final List<ServedNode> nodes = new ArrayList<>();
    private final List<Traveller> travellers = new ArrayList<>();
    private final AtomicInteger up = new AtomicInteger();
    private final AtomicReference<String> wrong = new AtomicReference<>("");
    private int sentUp;
    private int sentDown;
    private RedisServer redis;
    private Proxy proxy;

    @TempDir
    Path folder;

    /** Starts everything; asks for the program first, so that nothing is started where it is missing. */
    private void start(Proxy.Kind kind) {
        kind.program();
        redis = RedisServer.standalone(false);
        RedisOptions options = new RedisOptions().setEndpoints(redis.endpoints());
        for (int i = 0; i < 2; i++) {
            nodes.add(new ServedNode(vertx, i, options, this::published));
        }
        proxy = new Proxy(kind, folder, nodes.stream().map(ServedNode::port).toList());
        Await.until(
                "both nodes are reached",
                () -> Stream.generate(this::which).limit(6).toList().containsAll(List.of("0", "1")));
    }

    @AfterEach
    void end() {
        travellers.forEach(Traveller::close);
        if (proxy != null) {
            proxy.close();
        }
        nodes.forEach(node -> Await.get("a node's end", node.realtime.close().map(true)));
        if (redis != null) {
            redis.close();
        }
        Await.get("the end of Vert.x", vertx.close().map(true));
    }

    private void published(String payload) {
        int expected = up.incrementAndGet();
        if (Integer.parseInt(payload) != expected) {
            wrong.compareAndSet("", payload + " was published instead of " + expected);
        }
    }

    private Traveller traveller(String wire) {
        Traveller traveller = new Traveller(vertx, proxy.port(), wire);
        travellers.add(traveller);
        return traveller;
    }

    /** Asks the proxy which node answers; its number, or the status when that is not 200. */
    private String which() {
        return Await.get(
                "an answer by the proxy",
                http.request(HttpMethod.GET, proxy.port(), "127.0.0.1", "/which")
                        .compose(request -> request.send())
                        .compose(answer -> answer.statusCode() == 200
                                ? answer.body().map(Buffer::toString)
                                : Future.succeededFuture("status " + answer.statusCode())));
    }

    /** Publishes some more, both ways, from alternating nodes, and waits until each has come to where it has to. */
    private void burst(Traveller publisher, int count) {
        for (int i = 0; i < count; i++) {
            ServedNode node = nodes.get(sentDown % 2);
            Await.get("a publish", node.realtime.channels().publish("open:down", "n", ++sentDown));
            publisher.publish(++sentUp);
        }
        travellers.forEach(traveller -> traveller.has(sentDown));
        Await.until("all has come up: " + up + " of " + sentUp + wrong, () -> up.get() == sentUp);
        assertEquals("", wrong.get());
    }

    @ParameterizedTest
    @EnumSource(Proxy.Kind.class)
    void eachWireAndEachSwitch(Proxy.Kind kind) {
        start(kind);
        for (String wire : WIRES) {
            traveller(wire);
        }
        // Three that keep their wires, so that each burst shows that nothing waits in the proxy; and one that goes from
        // each wire to each other one.
        Traveller one = traveller("websocket");
        burst(one, 20);
        for (String wire : List.of("sse", "longpoll", "websocket", "longpoll", "sse", "websocket")) {
            one.change(wire);
            burst(one, 20);
            one.client.cut();
            burst(one, 5);
        }
        nodes.forEach(node -> assertTrue(node.requests.get() > 20, "requests of a node: " + node.requests));
    }

    @ParameterizedTest
    @EnumSource(Proxy.Kind.class)
    void theClientsAddressIsTheOneThatTheProxySees(Proxy.Kind kind) throws IOException {
        start(kind);
        // On Linux all of 127.0.0.0/8 is this machine.
        String own = System.getProperty("os.name").startsWith("Linux") ? "127.0.0.2" : "127.0.0.1";
        String hello = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}";
        try (Socket socket = new Socket("127.0.0.1", proxy.port(), InetAddress.getByName(own), 0)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /realtime/poll HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n"
                                    + "Content-Type: application/json\r\nContent-Length: " + hello.length()
                                    + "\r\n\r\n" + hello)
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] head = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            assertEquals("HTTP/1.1 200", new String(head, StandardCharsets.US_ASCII));
        }
        List<String> seen =
                nodes.stream().flatMap(node -> node.addresses.stream()).toList();
        assertEquals(List.of(own), seen);
    }

    @ParameterizedTest
    @EnumSource(Proxy.Kind.class)
    void aNodeThatCannotBeReachedIsPassedBy(Proxy.Kind kind) {
        start(kind);
        Await.get("a server's end", nodes.get(1).server.close().map(true));
        for (int i = 0; i < 20; i++) {
            assertEquals("0", which());
        }
        // A new session, too, whose first request is a POST.
        traveller("longpoll");
        burst(traveller("sse"), 5);
    }

    @ParameterizedTest
    @EnumSource(Proxy.Kind.class)
    void aNodeThatIsTakenOutGivesItsSessionsAway(Proxy.Kind kind) {
        start(kind);
        for (int i = 0; i < 2; i++) {
            WIRES.forEach(this::traveller);
        }
        burst(travellers.get(0), 10);
        ServedNode leaving = nodes.get(nodes.get(0).sessions() > 0 ? 0 : 1);
        ServedNode staying = nodes.get(leaving == nodes.get(0) ? 1 : 0);
        String other = Integer.toString(nodes.indexOf(staying));
        assertTrue(leaving.sessions() > 0, "it has sessions");
        switch (kind) {
            case NGINX -> proxy.down(leaving.port());
            case HAPROXY -> leaving.open = false;
        }
        Await.until(
                "it gets no more",
                Duration.ofSeconds(20),
                () -> Stream.generate(this::which).limit(8).allMatch(other::equals));
        burst(travellers.get(0), 10);
        Await.get("the drain", leaving.realtime.drain(Duration.ofSeconds(1)).map(true));
        burst(travellers.get(0), 10);
        Await.until("all are at the other node", () -> staying.sessions() == travellers.size());
        assertEquals(0, leaving.sessions());
        Await.get("its end", leaving.realtime.close().map(true));
        Await.get("its server's end", leaving.server.close().map(true));
        for (int i = 0; i < 10; i++) {
            Await.get("a publish", staying.realtime.channels().publish("open:down", "n", ++sentDown));
        }
        travellers.forEach(traveller -> traveller.has(sentDown));
    }

    /** Were all of them out, clients would be refused by the proxy, also those whose sessions are there. */
    @Test
    void haproxyAsksAllWhenNoneIsReady() {
        start(Proxy.Kind.HAPROXY);
        nodes.forEach(node -> node.open = false);
        Await.until(
                "HAProxy holds both for down",
                Duration.ofSeconds(20),
                () -> Stream.of("a", "b")
                        .allMatch(server -> proxy.ask("show stat")
                                .lines()
                                .anyMatch(
                                        line -> line.startsWith("nodes," + server + ",") && line.contains(",DOWN,"))));
        assertEquals(
                Set.of("0", "1"),
                Set.copyOf(Stream.generate(this::which).limit(8).toList()));
        nodes.get(0).open = true;
        Await.until(
                "one is back",
                Duration.ofSeconds(20),
                () -> Stream.generate(this::which).limit(8).allMatch("0"::equals));
    }
}
