package dev.polywire.conformance;

import dev.polywire.conformance.ClientDriver.Answer;
import dev.polywire.conformance.ClientDriver.End;
import dev.polywire.conformance.ClientMachine.Verdict;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a {@link ReferenceClient} does on its context: moves frames between its machine and its wires. Never blocks. */
final class ClientLoop {
    private static final int POST_FRAMES = 100;
    private static final long ORPHAN = 3000;
    private static final Set<String> UNCOUNTED = Set.of("hello", "welcome", "ping", "pong", "received", "bye");

    final ClientMachine machine = new ClientMachine(EnumSet.noneOf(ClientMachine.Rule.class));
    final List<JsonObject> frames = new ArrayList<>();
    final List<JsonObject> controls = new ArrayList<>();
    final List<Answer> refused = new ArrayList<>();
    final List<Attached> connections = new ArrayList<>();
    final Context context;
    volatile ClientDriver driver;
    volatile @Nullable Attached newest;
    volatile @Nullable String token;

    volatile @Nullable JsonObject capabilities;

    volatile JsonArray versions = new JsonArray().add(1);

    volatile Consumer<JsonObject> listener = frame -> {};
    volatile boolean persistent;
    volatile boolean attentive = true;
    volatile boolean keeping = true;
    volatile long patience = -1;
    volatile boolean mute;
    volatile boolean acknowledging = true;
    boolean stalled;
    private final Vertx vertx;
    private final String nonce = UUID.randomUUID().toString();

    ClientLoop(Vertx vertx, ClientDriver driver) {
        this.vertx = vertx;
        this.driver = driver;
        context = vertx.getOrCreateContext();
    }

    Attached attach(ClientDriver next, ClientMachine.@Nullable Attempt stated, long wait) {
        driver = next;
        ClientMachine.Attempt attempt = stated != null ? stated : machine.attach(next.duplex());
        Attached attached = new Attached(next, attempt.wire());
        newest = attached;
        connections.add(attached);
        boolean resume = attempt.session() != null;
        attached.link = next.open(
                new ClientDriver.Opening(hello(), resume ? attempt : null, wait, bearer(next)),
                new ClientDriver.Listener() {
                    @Override
                    public void frame(String text) {
                        onFrame(attached, text);
                    }

                    @Override
                    public void closed(End end) {
                        onClosed(attached, end);
                    }
                });
        return attached;
    }

    /** On HTTP the token is in each request; a poll has no {@code hello} to put it into. */
    private ClientDriver.Extra bearer(ClientDriver over) {
        String mine = token;
        return mine == null || over.duplex()
                ? ClientDriver.Extra.NONE
                : new ClientDriver.Extra(Map.of("Authorization", "Bearer " + mine), "");
    }

    private Buffer hello() {
        JsonObject hello =
                new JsonObject().put("type", "hello").put("versions", versions).put("client", nonce);
        if (capabilities != null) {
            hello.put("capabilities", capabilities);
        }
        return (token == null ? hello : hello.put("token", token)).toBuffer();
    }

    private void onFrame(Attached from, String text) {
        JsonObject frame = new JsonObject(text);
        from.frame(frame);
        String type = frame.getString("type", "");
        Verdict verdict = Verdict.HAND_OVER;
        switch (type) {
            case "welcome" ->
                verdict = machine.welcome(
                        from.wire,
                        frame.getString("session"),
                        frame.getString("secret"),
                        frame.getBoolean("resumed", false),
                        frame.getLong("received"),
                        frame.getLong("first"));
            case "ping" -> verdict = machine.ping(from.wire, frame.getLong("count"));
            case "received" -> verdict = machine.confirm(frame.getLong("count"));
            case "pong", "bye", "hello" -> {}
            default -> {
                if (!from.welcomed() && "error".equals(type)) {
                    return; // refuses the attach itself: there is no session here that could count it
                }
                verdict = machine.counted(from.wire, text.length(), now());
                if (verdict == Verdict.HAND_OVER) {
                    if (keeping) {
                        add(frames, frame);
                    }
                    listener.accept(frame);
                }
            }
        }
        if (UNCOUNTED.contains(type)) {
            add(controls, frame);
        }
        if (verdict == Verdict.LOST || verdict == Verdict.DROP) {
            add(
                    controls,
                    new JsonObject()
                            .put("type", "violation")
                            .put("verdict", verdict.name())
                            .put("by", frame));
            machine.drop(from.wire);
            link(from).cut();
        } else if ("ping".equals(type) && verdict == Verdict.HAND_OVER && attentive) {
            control(
                    from,
                    new JsonObject()
                            .put("type", "pong")
                            .put("count", machine.sent(from.wire))
                            .put("id", frame.getString("id")));
        } else if ("welcome".equals(type)) {
            stalled = false;
            if (!frame.getBoolean("resumed", false)) {
                vertx.setTimer(ORPHAN, later -> context.runOnContext(run -> speak()));
            }
        }
        pump();
        acknowledge();
    }

    private void onClosed(Attached from, End end) {
        from.ended(end);
        if (from != newest) {
            connections.remove(from);
            return;
        }
        if (end.complete() && from.bye() == null) {
            if (attentive) {
                attach(from.driver, null, patience); // a long poll is a resume that lasts one batch
            }
            return;
        }
        machine.drop(from.wire);
        JsonObject bye = from.bye();
        boolean wanted =
                bye == null ? end.code() < 400 || end.code() >= 500 : !"none".equals(bye.getString("reconnect"));
        if (persistent && wanted) {
            vertx.setTimer(
                    5,
                    later -> context.runOnContext(run -> {
                        if (from == newest && persistent) {
                            attach(driver, null, 0);
                        }
                    }));
        }
    }

    /** Sends what is due, as far as the wire in use allows. */
    void pump() {
        Attached wire = newest;
        for (int i = connections.size() - 1; i >= 0 && wire != null && machine.current() != wire.wire; i--) {
            wire = connections.get(i);
        }
        if (wire == null || machine.current() != wire.wire || stalled || mute) {
            return;
        }
        if (wire.driver.duplex()) {
            for (Buffer frame : machine.write(wire.wire, Integer.MAX_VALUE)) {
                link(wire).send(frame);
            }
            return;
        }
        ClientMachine.Post post = machine.post(POST_FRAMES);
        if (post != null) {
            Buffer body = Buffer.buffer().appendByte((byte) '[');
            for (Buffer frame : post.frames()) {
                body.appendBuffer(frame).appendByte((byte) ',');
            }
            body.setByte(body.length() - 1, (byte) ']');
            wire.driver
                    .post(machine.session(), machine.secret(), post.first(), body)
                    .onComplete(done -> context.runOnContext(run -> onPosted(post, done.result())));
        }
    }

    private void onPosted(ClientMachine.Post post, @Nullable Answer answer) {
        machine.posted(post);
        if (answer != null && answer.status() == 200) {
            machine.confirm(new JsonObject(answer.body()).getLong("received"));
            pump();
            return;
        }
        if (answer != null) {
            add(refused, answer);
            stalled = answer.status() < 500 && answer.status() != 409;
        }
        vertx.setTimer(20, later -> context.runOnContext(run -> pump()));
    }

    /** A client that has nothing to say would be taken for an orphan (R7). */
    private void speak() {
        Attached wire = newest;
        if (attentive && acknowledging && wire != null && wire.wire == machine.current() && machine.confirmed() == 0) {
            control(wire, new JsonObject().put("type", "received").put("count", machine.received()));
        }
    }

    void acknowledge() {
        Attached wire = newest;
        if (wire != null && attentive && acknowledging && !wire.over() && wire.wire == machine.current()) {
            long count = machine.due(now());
            if (count >= 0) {
                control(wire, new JsonObject().put("type", "received").put("count", count));
            }
        }
    }

    Future<Answer> control(Attached wire, JsonObject frame) {
        if (wire.driver.duplex()) {
            link(wire).send(frame.toBuffer());
            return Future.succeededFuture(new Answer(200, ""));
        }
        return wire.driver.post(machine.session(), machine.secret(), 0, frame.toBuffer());
    }

    static ClientDriver.Link link(Attached attached) {
        ClientDriver.Link link = attached.link;
        if (link == null) {
            throw new IllegalStateException("not open yet");
        }
        return link;
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    static <T> void add(List<T> list, T element) {
        synchronized (list) {
            list.add(element);
        }
    }

    static <T> List<T> copy(List<T> list) {
        synchronized (list) {
            return List.copyOf(list);
        }
    }
}
