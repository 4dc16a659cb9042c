package dev.polywire.client;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/** A tiny server that follows docs/protocol.md, and wires to it that take ten milliseconds: what the client is tested against by hand-moved time. */
final class Model {
    private static final long DELAY = 10;
    private static final Set<String> UNCOUNTED = Set.of("hello", "welcome", "ping", "pong", "received", "bye");

    /** A session of the server. */
    final class Session {
        final String id = "s" + ++ids;
        final List<JsonObject> out = new ArrayList<>();
        final Set<String> channels = new HashSet<>();
        String client = "";
        long attach;
        long received;
        long handed;
        long acked;
        FakeWire wire;

        void emit(JsonObject frame) {
            out.add(frame);
            pump();
        }

        void acknowledge(long count) {
            if (count > handed) {
                violations.add("acknowledged " + count + " of " + handed);
            }
            while (acked < count) {
                out.remove(0);
                acked++;
            }
        }

        void pump() {
            while (wire != null && wire.next - acked - 1 < out.size()) {
                JsonObject frame = out.get((int) (wire.next - acked - 1));
                handed = Math.max(handed, wire.next++);
                wire.send(frame);
            }
        }
    }

    /** A wire that opens, carries and ends as the test wants. */
    final class FakeWire implements Wire {
        final String name;
        private final WireContext context;
        private final Wire.Listener on;
        Session session;
        long next = 1;
        long up;
        boolean over;
        /** The server's end. */
        boolean gone;

        FakeWire(String name, WireContext context, Wire.Listener on) {
            this.name = name;
            this.context = context;
            this.on = on;
            opened.add(name);
            times.add(place.now());
            wires.add(this);
            place.later(DELAY, () -> {
                if (over) {
                    return;
                }
                if (down.contains(name)) {
                    cut();
                } else if (!mute.contains(name)) {
                    on.opened();
                }
            });
        }

        void send(JsonObject frame) {
            if (!gone) {
                String text = frame.encode();
                place.later(DELAY, () -> {
                    if (!over && !mute.contains(name)) {
                        on.text(text);
                    }
                });
            }
        }

        /** The server says goodbye. */
        void bye(String reason, String reconnect, JsonObject more) {
            send(new JsonObject()
                    .put("type", "bye")
                    .put("reason", reason)
                    .put("reconnect", reconnect)
                    .mergeIn(more));
            detach();
        }

        void detach() {
            gone = true;
            if (session != null && session.wire == this) {
                session.wire = null;
            }
        }

        /** The network breaks. */
        void cut() {
            detach();
            if (!over) {
                over = true;
                on.closed(Failure.of("1006"));
            }
        }

        private void carry(JsonObject frame) {
            place.later(DELAY, () -> {
                if (!gone && !mute.contains(name)) {
                    sent.add(frame);
                    receive(this, frame);
                }
            });
        }

        @Override
        public void control(JsonObject frame) {
            carry(new JsonObject(frame.encode()));
        }

        @Override
        public void flush() {
            String text;
            while (!over && (text = context.next()) != null) {
                carry(new JsonObject(text));
            }
        }

        @Override
        public void close() {
            over = true;
            place.later(DELAY, this::detach);
        }
    }

    final HandPlace place;
    final Map<String, Session> sessions = new LinkedHashMap<>();
    final Set<String> down = new HashSet<>();
    final Set<String> mute = new HashSet<>();
    final List<String> opened = new ArrayList<>();
    final List<Long> times = new ArrayList<>();
    final List<FakeWire> wires = new ArrayList<>();
    final List<JsonObject> sent = new ArrayList<>();
    final List<Object> published = new ArrayList<>();
    final List<String> violations = new ArrayList<>();
    final JsonObject limits = new JsonObject().put("frame", 65_536);
    long heartbeat = 25_000;
    /** Takes a hello over, when it says so. */
    BiPredicate<FakeWire, JsonObject> refuses = (wire, hello) -> false;
    /** Takes a frame over, when it says so. */
    BiPredicate<Session, JsonObject> takes = (session, frame) -> false;

    private final Map<String, List<JsonObject>> kept = new HashMap<>();
    private final Map<String, JsonObject> acks = new HashMap<>();
    private int ids;

    Model(HandPlace place) {
        this.place = place;
    }

    Map<String, Wire.Opener> openers() {
        Map<String, Wire.Opener> all = new HashMap<>();
        ClientOptions.TRANSPORTS.forEach(name -> all.put(name, (context, on) -> new FakeWire(name, context, on)));
        return all;
    }

    /** The only session, or the newest. */
    Session session() {
        return List.copyOf(sessions.values()).get(sessions.size() - 1);
    }

    private void receive(FakeWire wire, JsonObject frame) {
        String type = frame.getString("type");
        if (type.equals("hello")) {
            hello(wire, frame);
            return;
        }
        if (wire.session == null) {
            if (type.equals("ping")) {
                wire.send(new JsonObject().put("type", "pong").put("id", frame.getValue("id")));
            } else {
                violations.add("before welcome: " + frame);
            }
            return;
        }
        Session session = wire.session;
        if (session.wire != wire) {
            return;
        }
        switch (type) {
            case "received" -> session.acknowledge(frame.getLong("count"));
            case "ping" -> wire.send(new JsonObject().put("type", "pong"));
            case "bye" -> {
                sessions.remove(session.id);
                wire.bye("normal", "none", new JsonObject());
            }
            case "pong" -> {
                if (frame.getLong("count") != wire.up) {
                    violations.add("pong " + frame.getLong("count") + " where " + wire.up + " had come");
                }
            }
            default -> {
                if (++wire.up > session.received) {
                    session.received = wire.up;
                    effect(session, frame);
                }
                if (session.wire == wire) {
                    wire.send(new JsonObject().put("type", "received").put("count", session.received));
                }
            }
        }
    }

    private void hello(FakeWire wire, JsonObject hello) {
        if (refuses.test(wire, hello)) {
            return;
        }
        JsonObject resume = hello.getJsonObject("resume");
        Session session = resume == null ? null : sessions.get(resume.getString("session"));
        JsonObject welcome = new JsonObject().put("type", "welcome").put("heartbeat", heartbeat);
        if (session == null) {
            session = new Session();
            session.client = hello.getString("client");
            sessions.put(session.id, session);
            welcome.put("session", session.id)
                    .put("secret", "x" + session.id)
                    .put("user", "ada")
                    .put("resumed", false)
                    .put("received", 0)
                    .put("first", 1)
                    .put("transports", new JsonArray(ClientOptions.TRANSPORTS))
                    .put("limits", limits);
            if (resume != null) {
                welcome.put("reason", "unknown");
            }
        } else {
            if (resume.getLong("attach") <= session.attach) {
                wire.bye("stale", "none", new JsonObject());
                return;
            }
            session.attach = resume.getLong("attach");
            if (session.wire != null) {
                session.wire.bye("replaced", "none", new JsonObject());
            }
            session.acknowledge(resume.getLong("received"));
            wire.up = session.received;
            wire.next = session.acked + 1;
            welcome.put("session", session.id)
                    .put("resumed", true)
                    .put("received", session.received)
                    .put("first", wire.next);
        }
        wire.session = session;
        session.wire = wire;
        wire.send(welcome);
        session.pump();
    }

    private void effect(Session session, JsonObject frame) {
        if (takes.test(session, frame)) {
            return;
        }
        JsonObject answer = new JsonObject().put("id", frame.getValue("id"));
        String channel = frame.getString("channel");
        switch (frame.getString("type")) {
            case "subscribe" ->
                frame.getJsonArray("channels").forEach(name -> subscribe(session, frame, (String) name));
            case "unsubscribe" ->
                frame.getJsonArray("channels").forEach(name -> {
                    session.channels.remove((String) name);
                    session.emit(answer.copy().put("type", "unsubscribed").put("channel", name));
                });
            case "publish" -> publish(session, frame, channel);
            case "request" -> session.emit(answer.put("type", "reply").put("payload", frame.getValue("payload")));
            case "presence" ->
                session.emit(answer.put("type", "presence")
                        .put("channel", channel)
                        .put("members", new JsonArray())
                        .put("count", 0)
                        .put("version", 9));
            case "history" ->
                session.emit(answer.put("type", "history")
                        .put("channel", channel)
                        .put("messages", new JsonArray())
                        .put("position", new JsonObject().put("epoch", "e1").put("offset", 0)));
            case "refresh" -> session.emit(answer.put("type", "ack"));
            default -> {
                // Confirmations and answers of the client.
            }
        }
    }

    private static boolean plain(String channel) {
        return channel.startsWith("plain:");
    }

    private void subscribe(Session session, JsonObject frame, String name) {
        List<JsonObject> messages = kept.computeIfAbsent(name, made -> new ArrayList<>());
        JsonObject given = frame.getJsonObject("positions", new JsonObject()).getJsonObject(name);
        long from = given == null ? messages.size() : given.getLong("offset");
        session.channels.add(name);
        JsonObject subscribed = new JsonObject()
                .put("type", "subscribed")
                .put("id", frame.getValue("id"))
                .put("channel", name);
        if (!plain(name)) {
            subscribed.put("position", new JsonObject().put("epoch", "e1").put("offset", from));
            if (given != null) {
                subscribed.put("recovered", true);
            }
        }
        session.emit(subscribed);
        if (given != null && !plain(name)) {
            messages.subList((int) from, messages.size()).forEach(session::emit);
        }
    }

    private void publish(Session session, JsonObject frame, String channel) {
        String id = frame.getString("id");
        // R30: by the instance of the client, of which each counts its own ids.
        String once = session.client + id;
        if (id != null && acks.containsKey(once)) {
            session.emit(acks.get(once).copy().put("duplicate", true));
            return;
        }
        published.add(frame.getValue("payload"));
        List<JsonObject> messages = kept.computeIfAbsent(channel, made -> new ArrayList<>());
        JsonObject message = new JsonObject()
                .put("type", "message")
                .put("channel", channel)
                .put("event", frame.getValue("event"))
                .put("payload", frame.getValue("payload"))
                .put("timestamp", 1);
        JsonObject ack = new JsonObject().put("type", "ack").put("id", id);
        if (!plain(channel)) {
            messages.add(message);
            message.put("offset", messages.size());
            ack.put("position", new JsonObject().put("epoch", "e1").put("offset", messages.size()));
        }
        if (id != null) {
            acks.put(once, ack);
            session.emit(ack);
        }
        sessions.values().stream().filter(one -> one.channels.contains(channel)).forEach(one -> one.emit(message));
    }
}
