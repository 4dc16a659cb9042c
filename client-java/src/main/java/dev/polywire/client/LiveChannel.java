package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A channel of a living client. */
final class LiveChannel implements Channel, Subscription.Ear {
    private final ChannelHost host;
    private final String name;
    private final Subscription subscription;
    private final Map<String, Emitter<Message>> messages = new ConcurrentHashMap<>();
    private final Emitter<Subscribed> subscribes;
    private final Emitter<PolywireException> unsubscribes;
    private final Emitter<Gap> gaps;
    private final Emitter<Present> lists;
    private final Map<String, Emitter<Change>> changes;
    /** How many reasons there are to keep it: the roster's. */
    int holds;

    private boolean shows;

    LiveChannel(ChannelHost host, String name) {
        this.host = host;
        this.name = name;
        subscribes = new Emitter<>(host::thrown);
        unsubscribes = new Emitter<>(host::thrown);
        gaps = new Emitter<>(host::thrown);
        lists = new Emitter<>(host::thrown);
        changes = Map.of(
                "join", new Emitter<>(host::thrown),
                "leave", new Emitter<>(host::thrown),
                "presence", new Emitter<>(host::thrown));
        subscription = new Subscription(host, name, this);
    }

    /** Returns the subscription, for the client. */
    Subscription subscription() {
        return subscription;
    }

    /** Sets where tokens for it come from; in the client's context. */
    void shows(Supplier<Future<String>> tokens) {
        if (!shows) {
            shows = true;
            host.hold(this);
        }
        subscription.shows(tokens);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean subscribed() {
        return subscription.open();
    }

    @Override
    public @Nullable Position position() {
        return subscription.position();
    }

    @Override
    public @Nullable Object snapshot() {
        return subscription.snapshot();
    }

    @Override
    public List<Member> members() {
        return subscription.members().list();
    }

    @Override
    public long count() {
        return subscription.members().count();
    }

    @Override
    public Future<Subscribed> subscribe(@Nullable Position from) {
        return Places.call(host.place(), () -> subscription.subscribe(from));
    }

    @Override
    public Future<Void> unsubscribe() {
        return Places.call(host.place(), subscription::unsubscribe);
    }

    @Override
    public Future<Published> publish(@Nullable String event, @Nullable Object payload, PublishOptions options) {
        JsonObject frame = frame("publish");
        if (event != null) {
            frame.put("event", event);
        }
        frame.put("payload", Frames.payload(payload)).put("sentAt", host.place().wall());
        options.fill(frame);
        boolean asks = options.asks();
        long timeout = options.millis();
        return Places.call(host.place(), () -> {
            if (asks) {
                return host.calls()
                        .ask(frame, timeout)
                        .map(ack -> new Published(Frames.position(ack), Frames.flag(ack, "duplicate")));
            }
            host.send(frame);
            return Future.succeededFuture(new Published(null, false));
        });
    }

    @Override
    public Future<Present> presence() {
        return ask(frame("presence")).map(LiveChannel::present);
    }

    @Override
    public Future<Present> presenceCount() {
        return ask(frame("presence").put("count", true)).map(LiveChannel::present);
    }

    private static Present present(JsonObject frame) {
        return new Present(Frames.members(frame), Frames.number(frame, "count", 0));
    }

    @Override
    public Future<Void> setState(@Nullable Object state) {
        JsonObject mine = frame("presence").put("state", Frames.payload(state));
        return Places.call(host.place(), () -> subscription.state(mine));
    }

    @Override
    public Future<History> history(@Nullable Position since, int limit, boolean reverse) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must lie between 1 and 1000, not " + limit + ".");
        }
        JsonObject frame = frame("history").put("limit", limit);
        if (since != null) {
            frame.put("since", since.toJson());
        }
        if (reverse) {
            frame.put("reverse", true);
        }
        return ask(frame).map(LiveChannel::history);
    }

    private static History history(JsonObject frame) {
        JsonArray list = Frames.array(frame, "messages");
        Position top = Frames.position(frame);
        List<Message> messages = Frames.objects(list == null ? new JsonArray() : list).stream()
                .map(one -> new Message(one, place(one, top), () -> {}))
                .toList();
        return new History(messages, top, Frames.flag(frame, "more"));
    }

    private static @Nullable Position place(JsonObject message, @Nullable Position within) {
        long offset = Frames.number(message, "offset", 0);
        return offset < 1 || within == null ? null : new Position(within.epoch(), offset);
    }

    private Future<JsonObject> ask(JsonObject frame) {
        return Places.call(host.place(), () -> host.calls().ask(frame, PATIENCE.toMillis()));
    }

    private JsonObject frame(String type) {
        return new JsonObject().put("type", type).put("channel", name);
    }

    @Override
    public Runnable on(String event, Handler<Message> handler) {
        return heard(messages.computeIfAbsent(event, made -> new Emitter<>(host::thrown)), handler);
    }

    @Override
    public Runnable onSubscribed(Handler<Subscribed> handler) {
        return heard(subscribes, handler);
    }

    @Override
    public Runnable onUnsubscribed(Handler<PolywireException> handler) {
        return heard(unsubscribes, handler);
    }

    @Override
    public Runnable onGap(Handler<Gap> handler) {
        return heard(gaps, handler);
    }

    @Override
    public Runnable onJoin(Handler<Change> handler) {
        return heard(change("join"), handler);
    }

    @Override
    public Runnable onLeave(Handler<Change> handler) {
        return heard(change("leave"), handler);
    }

    @Override
    public Runnable onPresence(Handler<Change> handler) {
        return heard(change("presence"), handler);
    }

    @Override
    public Runnable onMembers(Handler<Present> handler) {
        return heard(lists, handler);
    }

    private <T> Runnable heard(Emitter<T> emitter, Handler<T> handler) {
        Runnable stop = emitter.on(handler);
        host.hold(this);
        AtomicBoolean over = new AtomicBoolean();
        return () -> {
            if (over.compareAndSet(false, true)) {
                stop.run();
                host.release(this);
            }
        };
    }

    private Emitter<Change> change(String type) {
        return Objects.requireNonNull(changes.get(type));
    }

    @Override
    public void wanted(boolean value) {
        if (value) {
            host.hold(this);
        } else {
            host.release(this);
        }
    }

    @Override
    public void subscribed(Subscribed answer) {
        subscribes.emit(answer);
    }

    @Override
    public void unsubscribed(PolywireException error) {
        unsubscribes.emit(error);
    }

    @Override
    public void gap(Gap gap) {
        gaps.emit(gap);
        host.gap(gap);
    }

    @Override
    public void changed(String type, Change change) {
        change(type).emit(change);
    }

    @Override
    public void listed(Present present) {
        lists.emit(present);
    }

    @Override
    public void message(Message message) {
        boolean fine = emit("*", message);
        String event = message.event();
        if (event != null && !event.equals("*")) {
            fine &= emit(event, message);
        }
        if (fine && host.autoConfirm()) {
            message.confirm();
        }
    }

    private boolean emit(String event, Message message) {
        Emitter<Message> emitter = messages.get(event);
        return emitter == null || emitter.emit(message);
    }
}
