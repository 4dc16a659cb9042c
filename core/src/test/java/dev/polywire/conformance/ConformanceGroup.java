package dev.polywire.conformance;

import dev.polywire.LimitOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the groups of {@link TransportKit} share: a server, clients, and raw connections, all gone after each test. */
abstract class ConformanceGroup {
    private final TransportKit kit;
    private final List<ReferenceClient> clients = new ArrayList<>();
    private final List<ClientDriver> drivers = new ArrayList<>();
    private @Nullable Vertx vertx;
    private @Nullable KitServer server;

    ConformanceGroup(TransportKit kit) {
        this.kit = kit;
    }

    @BeforeEach
    final void begin() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    final void end() {
        clients.forEach(ReferenceClient::close);
        drivers.forEach(ClientDriver::close);
        if (server != null) {
            server.close();
        }
        Await.get("the end of Vert.x", vertx().close());
    }

    final Vertx vertx() {
        if (vertx == null) {
            throw new IllegalStateException("not begun");
        }
        return vertx;
    }

    /** Starts the server with the kit's options. */
    final KitServer server() {
        return server(options -> {});
    }

    /** Starts the server with other session options. */
    final KitServer server(Consumer<SessionOptions> change) {
        return sessions(false, change);
    }

    /** Starts the server with other limits and a clock that stands still. */
    final KitServer limited(Consumer<LimitOptions> change) {
        return optioned(true, options -> change.accept(options.limits()));
    }

    /** Starts the server with other session options and a clock for its limits that stands still. */
    final KitServer frozen(Consumer<SessionOptions> change) {
        return sessions(true, change);
    }

    private KitServer sessions(boolean frozen, Consumer<SessionOptions> change) {
        return optioned(frozen, options -> {
            SessionOptions session = options.session();
            change.accept(session);
            options.session(session);
        });
    }

    /** Starts the server with other options of any kind, and with a clock that stands still or one that goes. */
    final KitServer optioned(boolean frozen, Consumer<RealtimeOptions> change) {
        RealtimeOptions options = KitServer.options(List.of(kit.transport().name()));
        change.accept(options);
        KitServer started = KitServer.start(vertx(), options, () -> List.of(kit.transport()), frozen, kit.cluster());
        server = started;
        return started;
    }

    final ClientDriver driver() {
        if (server == null) {
            throw new IllegalStateException("no server yet");
        }
        return driver(server.port());
    }

    /** A driver that connects to another port than the server's, such as a proxy's. */
    final ClientDriver driver(int port) {
        ClientDriver driver = kit.driver(vertx(), port);
        drivers.add(driver);
        return driver;
    }

    /** A client that is not connected yet. */
    final ReferenceClient client() {
        return client(driver());
    }

    /** A client with another driver that is not connected yet. */
    final ReferenceClient client(ClientDriver driver) {
        ReferenceClient client = new ReferenceClient(vertx(), driver);
        clients.add(client);
        return client;
    }

    /** A client with a session. */
    final ReferenceClient connected() {
        ReferenceClient client = client();
        client.connect();
        return client;
    }

    /** A connection on which only these bytes are said, by nobody who would count. */
    final Attached raw(@Nullable Buffer hello) {
        return raw(hello, null);
    }

    /** A connection on which only these bytes are said, with a resume. */
    final Attached raw(@Nullable Buffer hello, ClientMachine.@Nullable Attempt resume) {
        return connection(new ClientDriver.Opening(hello, resume, -1));
    }

    /** A connection that is opened so, and says nothing else. */
    final Attached connection(ClientDriver.Opening opening) {
        ClientDriver driver = driver();
        Attached raw = new Attached(
                driver,
                new ClientMachine(java.util.Set.of()).attach(driver.duplex()).wire());
        Promise<Void> opened = Promise.promise();
        vertx().getOrCreateContext().runOnContext(run -> {
            raw.link = driver.open(opening, new ClientDriver.Listener() {
                @Override
                public void frame(String text) {
                    raw.frame(new JsonObject(text));
                }

                @Override
                public void closed(ClientDriver.End end) {
                    raw.ended(end);
                }
            });
            opened.complete();
        });
        Await.get("a raw connection", opened.future());
        return raw;
    }

    /** Waits until the server, too, has the connection that the client uses; on long polling, a poll that waits there. */
    final Attached waiting(ReferenceClient client) {
        return Await.value("a connection that waits", Await.deadline(), () -> {
            Attached now = client.newest();
            boolean there = now != null
                    && !now.over()
                    && (now.driver.streams()
                            ? now.welcomed()
                            // 0 is the request that opened the session, and a poll that has brought frames is
                            // answered: the end of either may not be seen yet.
                            : now.wire.attach() > 0
                                    && now.first() == null
                                    && server != null
                                    && server.attached(id(client)) >= now.wire.attach());
            return there ? now : null;
        });
    }

    static String id(ReferenceClient client) {
        String id = client.look(ClientMachine::session);
        if (id == null) {
            throw new AssertionError("no session");
        }
        return id;
    }

    static boolean duplex(ReferenceClient client) {
        return client.driver().duplex();
    }

    /** Runs a test with random numbers whose seed a failure prints. */
    static void seeded(Consumer<Random> test) {
        long seed = Long.getLong("polywire.seed", System.nanoTime() & 0xffffff);
        try {
            test.accept(new Random(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with -Dpolywire.seed=" + seed + ": " + e.getMessage(), e);
        }
    }

    /** Exactly 1..last, in order; a failure shows the first that is wrong, not all of them. */
    static void assertUpTo(int last, List<Integer> numbers) {
        for (int i = 0; i < numbers.size(); i++) {
            int number = numbers.get(i);
            if (number != i + 1) {
                throw new AssertionError(number + " came instead of " + (i + 1));
            }
        }
        if (numbers.size() != last) {
            throw new AssertionError(numbers.size() + " came instead of " + last);
        }
    }
}
