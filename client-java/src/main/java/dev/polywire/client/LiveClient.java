package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client that lives. */
final class LiveClient extends ListenedClient implements ChannelHost, EngineEvents {
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Frames that may be on their way or without an answer; a server that seems to work and does nothing is not heaped up for. */
    private static final int UNCONFIRMED = 10_000;

    private final Place place;
    private final ClientOptions options;
    private final String url;
    private final Runnable closed;
    private final Engine engine;
    private final Calls calls;
    private final Confirmations confirmations;
    private final Renewal renewal;
    private final Answers answers;
    private final Restoring restoring;
    private final Roster channels = new Roster(name -> new LiveChannel(this, name));
    private final Promise<Void> ready;
    private volatile @Nullable String transport;
    private volatile @Nullable String session;
    private volatile @Nullable String user;
    private @Nullable Promise<Void> closing;

    static PolywireClient create(Vertx vertx, String url, ClientOptions options) {
        HttpWires.Target target = Wires.target(url);
        Wires wires = new Wires(vertx, target, options);
        VertxPlace place = new VertxPlace(vertx);
        Runnable closed = () -> {
            place.leave();
            wires.close();
        };
        LiveClient client = new LiveClient(place, url, options, wires.openers(), closed);
        place.live(client::close);
        return client;
    }

    /**
     * @param closed run when nothing follows any more
     */
    LiveClient(Place place, String url, ClientOptions given, Map<String, Wire.Opener> wires, Runnable closed) {
        this.place = place;
        this.url = url;
        this.closed = closed;
        options = new ClientOptions(given);
        ready = place.promise();
        byte[] nonce = new byte[16];
        RANDOM.nextBytes(nonce);
        List<String> mine = options.transports().isEmpty() ? ClientOptions.TRANSPORTS : options.transports();
        Policy policy = new Policy(
                mine,
                !options.transports().isEmpty(),
                place::random,
                options.maxAttempts(),
                options.upgradeAfter().toMillis(),
                options.remember() ? Remembered.recall(url, place.now()) : null);
        EngineSetup setup = new EngineSetup(
                HexFormat.of().formatHex(nonce),
                options.capabilities(),
                options.welcomeTimeout().toMillis(),
                options.token(),
                options.tokens());
        engine = new Engine(place, setup, policy, wires, this);
        calls = new Calls(place, this::send, engine.machine::withdraw, Math.max(options.queueLimit(), UNCONFIRMED));
        confirmations = new Confirmations(place, this::sessionId, this::send);
        renewal = new Renewal(
                place,
                options.tokens() != null,
                () -> engine.state == State.CONNECTED,
                this::refresh,
                (error, left) -> events.expiring.emit(new Expiring(Duration.ofMillis(left), error)));
        answers = new Answers(this, this::sessionId);
        restoring = new Restoring(engine.machine, calls, this::lost);
    }

    @Override
    public Future<Void> connect() {
        place.run(() -> {
            if (engine.state == State.IDLE) {
                engine.start();
            }
        });
        return ready.future();
    }

    @Override
    public State state() {
        return engine.state;
    }

    @Override
    public @Nullable String transport() {
        return transport;
    }

    @Override
    public @Nullable String sessionId() {
        return session;
    }

    @Override
    public @Nullable String user() {
        return user;
    }

    @Override
    public Channel channel(String name) {
        return live(name);
    }

    @Override
    public Channel channel(String name, Supplier<Future<String>> tokens) {
        LiveChannel channel = live(name);
        Objects.requireNonNull(tokens, "tokens");
        place.run(() -> channel.shows(tokens));
        return channel;
    }

    private LiveChannel live(String name) {
        if (name.isEmpty() || name.length() > 128) {
            throw new IllegalArgumentException("A channel's name has 1 to 128 characters.");
        }
        return channels.get(name);
    }

    @Override
    public Future<@Nullable Object> request(String address, @Nullable Object payload, Duration timeout) {
        long millis = timeout.toMillis();
        if (millis < 1) {
            throw new IllegalArgumentException("timeout must be at least a millisecond.");
        }
        JsonObject frame = new JsonObject()
                .put("type", "request")
                .put("address", address)
                .put("payload", Frames.payload(payload))
                .put("timeout", millis);
        return Places.call(place, () -> calls.ask(frame, millis).map(reply -> reply.getValue("payload")));
    }

    @Override
    public void onRequest(Function<Question, ? extends Future<?>> handler) {
        answers.handler(Objects.requireNonNull(handler, "handler"));
    }

    @Override
    public Future<Void> refresh() {
        return Places.call(place, () -> {
            Supplier<Future<@Nullable String>> source = options.tokens();
            Future<@Nullable String> got = source == null ? Future.succeededFuture(engine.token) : source.get();
            return got.compose(token -> token == null
                    ? Future.failedFuture(new PolywireException("unauthenticated", "there is no token"))
                    : refresh(token));
        });
    }

    @Override
    public Future<Void> refresh(String token) {
        Objects.requireNonNull(token, "token");
        JsonObject frame = new JsonObject().put("type", "refresh").put("token", token);
        return Places.call(
                place,
                () -> calls.ask(frame, 0).map(ack -> {
                    engine.token = token;
                    renewal.expect(token);
                    return null;
                }));
    }

    @Override
    public Future<Void> switchTo(@Nullable String wire) {
        return Places.call(place, () -> engine.switchTo(wire));
    }

    @Override
    public void dropWire() {
        place.run(engine::drop);
    }

    @Override
    public Future<Void> close() {
        return Places.call(place, () -> {
            if (closing == null) {
                Promise<Void> mine = place.promise();
                // There before the engine tells the state: who hears of that can neither write any more nor close once
                // more.
                closing = mine;
                engine.close().onComplete(over -> {
                    end(new PolywireException("closed"));
                    mine.tryComplete();
                });
            }
            return closing.future();
        });
    }

    /** Returns how many channels are known. */
    int channels() {
        return channels.size();
    }

    // What channels need.

    @Override
    public Place place() {
        return place;
    }

    @Override
    public Calls calls() {
        return calls;
    }

    @Override
    public Machine.Entry send(JsonObject frame) {
        if (closing != null || engine.state.over()) {
            throw new PolywireException("closed");
        }
        int limit = options.queueLimit();
        if (engine.machine.queued() >= (engine.current == null ? limit : Math.max(limit, UNCONFIRMED))) {
            throw new PolywireException("queue_full");
        }
        Machine.Entry entry = engine.machine.push(frame);
        engine.flush();
        return entry;
    }

    @Override
    public @Nullable Message message(JsonObject frame, @Nullable Position position) {
        return confirmations.message(frame, position);
    }

    @Override
    public void hold(LiveChannel channel) {
        channels.hold(channel);
    }

    @Override
    public void release(LiveChannel channel) {
        channels.release(channel);
    }

    @Override
    public void gap(Gap gap) {
        events.gaps.emit(gap);
    }

    @Override
    public void error(Throwable error) {
        events.errors.emit(error);
    }

    @Override
    public boolean autoConfirm() {
        return options.autoConfirm();
    }

    // What the engine tells.

    @Override
    public void frame(JsonObject frame) {
        try {
            handed(frame);
        } catch (RuntimeException ours) {
            // A mistake here must not make the protocol stumble.
            thrown(ours);
        }
    }

    private void handed(JsonObject frame) {
        String name = Frames.text(frame, "channel");
        LiveChannel channel = name == null ? null : channels.find(name);
        boolean answered = calls.answer(frame);
        switch (Frames.type(frame)) {
            case "message" -> {
                if (name == null) {
                    direct(frame);
                    return;
                }
            }
            case "request" -> {
                answers.answer(frame);
                return;
            }
            case "refresh" -> {
                renewal.asked(Frames.number(frame, "expiresIn", 0));
                return;
            }
            case "error" -> {
                if (answered) {
                    return;
                }
                if (Frames.text(frame, "id") == null) {
                    error(PolywireException.of(frame));
                } else if (channel == null) {
                    // A subscribe that is refused as a whole names no channel.
                    channels.all().forEach(one -> one.subscription().frame(frame));
                }
            }
            default -> {
                // A channel's.
            }
        }
        if (channel != null) {
            channel.subscription().frame(frame);
        }
    }

    private void direct(JsonObject frame) {
        Message message = confirmations.message(frame, null);
        if (message != null && events.messages.emit(message) && options.autoConfirm()) {
            message.confirm();
        }
    }

    @Override
    public void welcome(JsonObject welcome, Machine.Welcomed result) {
        Link link = engine.current;
        transport = link == null ? null : link.name;
        session = engine.machine.session;
        if (transport != null && options.remember()) {
            Remembered.remember(url, transport, place.now());
        }
        if (welcome.containsKey("user")) {
            user = Frames.text(welcome, "user");
        }
        if (result.outcome() == Machine.Outcome.RESUMED) {
            events.resumes.emit(String.valueOf(transport));
        }
        if (result.outcome() == Machine.Outcome.RESET) {
            restoring.restore(channels.all());
            calls.reset(result.tried(), result.fresh(), this::lost);
            events.resets.emit(new Reset(result.reason(), String.valueOf(session)));
        }
    }

    @Override
    public void refused(Machine.Entry entry, String code) {
        if (!calls.refuse(entry, code)) {
            lost(entry.frame, code);
        }
    }

    @Override
    public void state(State next, @Nullable PolywireException error) {
        Link link = engine.current;
        transport = link == null ? null : link.name;
        if (next == State.CONNECTED) {
            ready.tryComplete();
        }
        events.states.emit(new StateChange(next, transport, error));
        if (closing == null && next.over()) {
            end(error == null ? new PolywireException("closed") : error);
        }
    }

    @Override
    public void transport(String name, @Nullable String previous) {
        events.transports.emit(new TransportChange(name, previous));
    }

    @Override
    public void missed(long count, String code) {
        events.losses.emit(new Loss(code, null, count));
    }

    @Override
    public void token(@Nullable String token) {
        renewal.expect(token);
    }

    @Override
    public void lost(JsonObject frame, String reason) {
        events.losses.emit(new Loss(reason, frame, 0));
    }

    private void end(PolywireException error) {
        renewal.stop();
        ready.tryFail(error);
        calls.end(error.code());
        channels.all().forEach(channel -> channel.subscription().end(error));
        closed.run();
    }
}
