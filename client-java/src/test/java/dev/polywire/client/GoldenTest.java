package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The example frames that the server's codec and the browser client are tested with, {@code <direction>-<type>[-variant].json}. */
class GoldenTest {
    private static final Path FOLDER = Path.of("..", "core", "src", "test", "resources", "golden");
    /** These change the connection; other tests are about them. */
    private static final Set<String> CHANGES = Set.of("bye", "welcome", "ping", "received");

    private static List<String> files(String direction) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(direction) && name.endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    static List<String> fromServer() throws IOException {
        return files("server-");
    }

    private static JsonObject read(String file) throws IOException {
        return new JsonObject(Files.readString(FOLDER.resolve(file)));
    }

    @ParameterizedTest
    @MethodSource("fromServer")
    @DisplayName("whatever frame comes, nothing is thrown, the next one still arrives, and both ends count alike")
    void fed(String file) throws IOException {
        JsonObject frame = read(file);
        String type = frame.getString("type");
        assertThat(file.replace(".json", "").split("-")[1]).isEqualTo(type);
        World world = new World();
        LiveClient client = world.open(World.options());
        List<Message> got = new ArrayList<>();
        String name = frame.getString("channel", "chat:42");
        client.channel(name).on("*", got::add);
        client.onMessage(got::add);
        client.channel(name).subscribe();
        world.place.pass(1000);
        Model.Session session = world.model.session();
        if (CHANGES.contains(type)) {
            return;
        }
        if (type.equals("pong")) {
            session.wire.send(frame);
        } else {
            session.emit(frame);
        }
        world.place.pass(1000);
        assertThat(world.errors).allMatch(PolywireException.class::isInstance);
        if (type.equals("message")) {
            assertThat(got).hasSize(1);
            handed(got.get(0), frame);
        }
        session.wire.send(new JsonObject().put("type", "ping").put("count", session.handed));
        Future<Object> asked = client.request("echo", "alive");
        world.place.pass(1000);
        assertThat(asked.result()).isEqualTo("alive");
        assertThat(world.resumed).as("still in step").isZero();
        assertThat(world.model.violations).isEmpty();
    }

    private static void handed(Message message, JsonObject frame) {
        assertThat(message.channel()).isEqualTo(frame.getString("channel"));
        assertThat(message.event()).isEqualTo(frame.getString("event"));
        assertThat(message.payload()).isEqualTo(frame.getValue("payload"));
        assertThat(message.timestamp()).isEqualTo(frame.getLong("timestamp"));
        assertThat(message.user()).isEqualTo(frame.getString("user"));
        assertThat(message.key()).isEqualTo(frame.getString("key"));
        assertThat(message.sentAt()).isEqualTo(frame.getLong("sentAt", 0L));
        assertThat(message.traceId()).isEqualTo(frame.getString("traceId"));
        assertThat(message.attempt()).isEqualTo(frame.getInteger("attempt", 1));
        assertThat(message.needsConfirm()).isEqualTo(frame.containsKey("confirm"));
        assertThat(message.position() != null).isEqualTo(frame.containsKey("offset"));
    }

    @Test
    @DisplayName("welcomes are read, and those that cannot be are not believed")
    void welcomes() throws IOException {
        Machine machine = new Machine();
        assertThat(machine.welcome(new Machine.Count(), read("server-welcome.json"))
                        .outcome())
                .isEqualTo(Machine.Outcome.OPENED);
        assertThat(machine.limit).isEqualTo(65_536);
        Machine.Welcomed reset = machine.welcome(new Machine.Count(), read("server-welcome-anonymous.json"));
        assertThat(reset.outcome()).isEqualTo(Machine.Outcome.RESET);
        assertThat(reset.reason()).isEqualTo("expired");
        machine.received = 40;
        for (int n = 0; n < 7; n++) {
            machine.push(new JsonObject());
        }
        Machine.Count count = new Machine.Count();
        machine.resume(count);
        assertThat(machine.welcome(count, read("server-welcome-resumed.json")).outcome())
                .isEqualTo(Machine.Outcome.RESUMED);
        assertThat(machine.welcome(new Machine.Count(), new JsonObject()).outcome())
                .isEqualTo(Machine.Outcome.BROKEN);
    }

    @Test
    @DisplayName("what the client sends has no members that the golden frames do not know")
    void sends() throws IOException {
        Map<String, Set<String>> known = new HashMap<>();
        for (String file : files("client-")) {
            JsonObject frame = read(file);
            known.computeIfAbsent(frame.getString("type"), made -> new TreeSet<>())
                    .addAll(frame.fieldNames());
        }
        World world = new World();
        LiveClient client = world.open(
                World.options().token("t").capabilities(new JsonObject()).autoConfirm(true));
        Channel channel = client.channel("test:1");
        channel.subscribe(new Position("e1", 0));
        channel.publish(
                "E",
                1,
                new PublishOptions()
                        .id("x")
                        .echo(false)
                        .key("k")
                        .confirm(true)
                        .traceId("t")
                        .timeout(Duration.ofSeconds(1)));
        channel.publish(null, null, new PublishOptions().ack(false));
        channel.setState(new JsonObject().put("a", 1));
        channel.presenceCount();
        channel.history(new Position("e1", 0), 1, true);
        client.channel("ticket:1", () -> Future.succeededFuture("t")).subscribe();
        client.request("echo", 1);
        client.refresh("t2");
        client.onRequest(question -> Future.succeededFuture(1));
        world.place.pass(1000);
        Model.Session session = world.model.session();
        session.emit(new JsonObject()
                .put("type", "message")
                .put("channel", "test:1")
                .put("payload", 1)
                .put("confirm", "c"));
        session.emit(new JsonObject().put("type", "request").put("id", "r").put("event", "E"));
        session.wire.send(new JsonObject().put("type", "ping").put("id", "p").put("count", session.handed));
        world.place.pass(1000);
        client.onRequest(question -> {
            throw new PolywireException("forbidden", "Not for you.");
        });
        session.emit(new JsonObject().put("type", "request").put("id", "r").put("event", "E"));
        world.place.pass(1000);
        channel.unsubscribe();
        client.dropWire();
        world.place.pass(5000);
        client.close();
        world.place.pass(5000);
        Set<String> types = new TreeSet<>();
        for (JsonObject frame : world.model.sent) {
            types.add(frame.getString("type"));
            assertThat(known.get(frame.getString("type"))).as(frame.encode()).containsAll(frame.fieldNames());
        }
        assertThat(types)
                .containsExactly(
                        "ack",
                        "bye",
                        "error",
                        "hello",
                        "history",
                        "pong",
                        "presence",
                        "publish",
                        "received",
                        "refresh",
                        "reply",
                        "request",
                        "subscribe",
                        "unsubscribe");
        assertThat(world.errors).isEmpty();
    }
}
