package dev.polywire.conformance;

import dev.polywire.conformance.ClientDriver.Answer;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A plain client of protocol 1 for tests: a {@link ClientMachine} on one Vert.x context, over any {@link ClientDriver}.
 *
 * <p>Its methods block, so they are not for event loops.
 */
public final class ReferenceClient {
    private final Vertx vertx;
    private final ClientLoop loop;
    private final long ticks;

    /**
     * Creates a client that is not connected.
     *
     * @param vertx carries it
     * @param driver its first wire
     */
    public ReferenceClient(Vertx vertx, ClientDriver driver) {
        this.vertx = vertx;
        loop = new ClientLoop(vertx, driver);
        ticks = vertx.setPeriodic(50, tick -> loop.context.runOnContext(run -> loop.acknowledge()));
    }

    /**
     * Sets the token that {@code hello} carries.
     *
     * @param value the token, or null for none
     * @return this
     */
    public ReferenceClient token(@Nullable String value) {
        loop.token = value;
        return this;
    }

    /**
     * Sets which protocol versions {@code hello} offers.
     *
     * @param value the versions; only 1 by default
     * @return this
     */
    public ReferenceClient versions(JsonArray value) {
        loop.versions = value;
        return this;
    }

    /**
     * Sets what {@code hello} says of the client.
     *
     * @param value the capabilities, or null for none
     * @return this
     */
    public ReferenceClient capabilities(@Nullable JsonObject value) {
        loop.capabilities = value;
        return this;
    }

    /**
     * Sets whether the client attaches again by itself when its newest wire breaks.
     *
     * @param on false by default
     * @return this
     */
    public ReferenceClient persistent(boolean on) {
        loop.persistent = on;
        return this;
    }

    /**
     * Sets whether the client acknowledges, answers pings and polls again; without it, it is a slow consumer.
     *
     * @param on true by default
     * @return this
     */
    public ReferenceClient attentive(boolean on) {
        loop.attentive = on;
        Attached wire = loop.newest;
        if (on && wire != null && wire.over() && wire.end().complete()) {
            attach(wire.driver);
        }
        return this;
    }

    /**
     * Sets whether the client sends {@code received}; a test of rate limits may not want it charged.
     *
     * @param on true by default
     * @return this
     */
    public ReferenceClient acknowledging(boolean on) {
        loop.acknowledging = on;
        return this;
    }

    /**
     * Sets how long a poll may wait.
     *
     * @param millis milliseconds, or -1 for the server's default
     * @return this
     */
    public ReferenceClient patience(long millis) {
        loop.patience = millis;
        return this;
    }

    /**
     * Sets who hears of each frame that is handed over, on the client's context.
     *
     * @param heard called in order
     * @return this
     */
    public ReferenceClient listener(Consumer<JsonObject> heard) {
        loop.listener = heard;
        return this;
    }

    /**
     * Sets whether counted frames are kept for {@link #frames}; under load the listener is enough.
     *
     * @param on true by default
     * @return this
     */
    public ReferenceClient keeping(boolean on) {
        loop.keeping = on;
        return this;
    }

    /**
     * Attaches over the driver in use and waits for {@code welcome}.
     *
     * @return the {@code welcome}
     */
    public JsonObject connect() {
        return attach(loop.driver).welcome();
    }

    /**
     * Begins to attach over a driver, which is the one in use from now on. The old wire stays until {@code welcome}, which a
     * poll is asked to bring at once.
     *
     * @param next the driver
     * @return the connection
     */
    public Attached attach(ClientDriver next) {
        return call(() -> loop.attach(next, null, 0));
    }

    /**
     * Begins to attach with another statement than the truth.
     *
     * @param lie makes the statement
     * @return the connection
     */
    public Attached attach(UnaryOperator<ClientMachine.Attempt> lie) {
        return call(() -> loop.attach(loop.driver, lie.apply(loop.machine.attach(loop.driver.duplex())), 0));
    }

    /**
     * Sends an uncounted frame at once.
     *
     * @param frame for example a {@code ping}
     * @return the answer to the POST; a made-up 200 on a duplex wire
     */
    public Answer control(JsonObject frame) {
        return Await.get("an answer to " + frame, call(() -> loop.control(current(), frame)));
    }

    /**
     * Queues a counted frame.
     *
     * @param frame the frame
     * @return its number
     */
    public long send(JsonObject frame) {
        boolean repeatable = frame.containsKey("id")
                && List.of("publish", "subscribe", "presence").contains(frame.getString("type"));
        return send(frame.toBuffer(), repeatable);
    }

    /**
     * Queues bytes that count as one frame.
     *
     * @param frame the bytes, a frame or not
     * @param repeatable whether they may be sent again in a new session
     * @return their number
     */
    public long send(Buffer frame, boolean repeatable) {
        return call(() -> {
            long number = loop.machine.queue(frame, repeatable);
            loop.pump();
            return number;
        });
    }

    /**
     * Sends a frame that has an id, and waits for its answer.
     *
     * @param frame the frame
     * @return the counted frame with that id
     */
    public JsonObject ask(JsonObject frame) {
        send(frame);
        return await("an answer to " + frame, answer -> frame.getString("id").equals(answer.getString("id")));
    }

    /**
     * Stops sending, because a test sends the next frames past the machine.
     *
     * @param count how many counted frames it may send
     */
    public void mute(int count) {
        call(() -> {
            loop.mute = true;
            for (int i = 0; i < count; i++) {
                loop.machine.queue(UpstreamQueue.NOOP, false);
            }
            return loop.machine.post(count) == null;
        });
    }

    /**
     * Waits until the server has said why the session is over: by {@code bye}, or to the next poll.
     *
     * @return the reason
     */
    public String over() {
        return Await.value("a reason why the session is over", Await.deadline(), () -> {
            JsonObject bye = controls().stream()
                    .filter(frame -> "bye".equals(frame.getString("type")))
                    .findFirst()
                    .orElse(null);
            if (bye != null) {
                return bye.getString("reason");
            }
            Attached last = loop.newest;
            JsonObject refusal = last == null || loop.driver.streams() ? null : last.refusal();
            return refusal == null ? null : refusal.getString("code");
        });
    }

    /**
     * Replaces a frame that the server will not take by a {@code noop} (R27).
     *
     * @param number its number
     */
    public void withdraw(long number) {
        call(() -> {
            loop.machine.withdraw(number);
            loop.stalled = false;
            loop.pump();
            return true;
        });
    }

    /**
     * Waits for a counted frame that was handed over.
     *
     * @param what what is awaited, for the message
     * @param wanted which one
     * @return the first one that is like that
     */
    public JsonObject await(String what, Predicate<JsonObject> wanted) {
        return Await.value(
                what,
                Await.deadline(),
                () -> frames().stream().filter(wanted).findFirst().orElse(null));
    }

    /**
     * Waits for an uncounted frame, or for a {@code violation} that the client itself found.
     *
     * @param what what is awaited, for the message
     * @param wanted which one
     * @return the first one that is like that
     */
    public JsonObject awaitControl(String what, Predicate<JsonObject> wanted) {
        return Await.value(
                what,
                Await.deadline(),
                () -> controls().stream().filter(wanted).findFirst().orElse(null));
    }

    /** Resets the newest connection, whatever is on its way. */
    public void cut() {
        call(() -> {
            ClientLoop.link(current()).cut();
            loop.machine.drop(current().wire);
            return true;
        });
    }

    /** Goes away without a word. */
    public void close() {
        vertx.cancelTimer(ticks);
        loop.persistent = false;
        loop.attentive = false;
        call(() -> {
            loop.connections.stream()
                    .filter(each -> !each.over())
                    .forEach(each -> ClientLoop.link(each).cut());
            return true;
        });
    }

    /**
     * Returns the newest connection.
     *
     * @return null before the first
     */
    public @Nullable Attached newest() {
        return loop.newest;
    }

    /**
     * Returns the counted frames that were handed over.
     *
     * @return a copy
     */
    public List<JsonObject> frames() {
        return ClientLoop.copy(loop.frames);
    }

    /**
     * Returns the uncounted frames that came, and the violations that were found.
     *
     * @return a copy
     */
    public List<JsonObject> controls() {
        return ClientLoop.copy(loop.controls);
    }

    /**
     * Returns the answers to POSTs that were not 200.
     *
     * @return a copy
     */
    public List<Answer> refused() {
        return ClientLoop.copy(loop.refused);
    }

    /**
     * Looks at the machine, on its context.
     *
     * @param look what to look at
     * @param <T> what is seen
     * @return what is seen
     */
    public <T> T look(Function<ClientMachine, T> look) {
        return call(() -> look.apply(loop.machine));
    }

    /** Returns the driver in use: the last one attached with. */
    public ClientDriver driver() {
        return loop.driver;
    }

    @Override
    public String toString() {
        List<JsonObject> said = controls();
        return call(() -> "client over " + loop.driver.name() + ", received " + loop.machine.received() + ", confirmed "
                + loop.machine.confirmed() + ", queued " + loop.machine.queued() + ", newest wire " + loop.newest
                + (loop.machine.current() == null ? ", none" : ", one") + " in use, last told "
                + said.subList(Math.max(0, said.size() - 5), said.size()));
    }

    private Attached current() {
        Attached wire = loop.newest;
        if (wire == null) {
            throw new IllegalStateException("not connected");
        }
        return wire;
    }

    private <T> T call(Callable<T> task) {
        Promise<T> done = Promise.promise();
        loop.context.runOnContext(run -> {
            try {
                done.complete(task.call());
            } catch (Exception e) {
                done.fail(e);
            }
        });
        return Await.get("the client's context", done.future());
    }
}
