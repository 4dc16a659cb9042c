package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one session on a wire: opens, replaces and drops wires as the policy says, and tells the machine what came. Time, chance and the
 * wires are handed in, so that tests run it on a clock of their own.
 */
final class Engine {
    private static final long FAREWELL = 2_000;

    final Machine machine = new Machine();
    final Place place;
    final EngineEvents events;
    volatile State state = State.IDLE;
    /** The wire in use. */
    @Nullable
    Link current;
    /** The wire being opened. */
    @Nullable
    Link trial;

    @Nullable
    String token;

    long heartbeat = 25_000;
    private final Policy policy;
    private final Dialer dialer;
    private final Pulse pulse;
    private final Retry retry;
    private final Probing probing;
    private final Verdicts verdicts;
    private @Nullable String last;
    /** The time before which the server does not want to be asked again (R41). */
    private long earliest;

    private int ids;
    /** Told when the closing is over. */
    private @Nullable Promise<Void> closing;

    Engine(Place place, EngineSetup setup, Policy policy, Map<String, Wire.Opener> wires, EngineEvents events) {
        this.place = place;
        this.policy = policy;
        dialer = new Dialer(this, setup, wires);
        this.events = events;
        token = setup.token();
        earliest = place.now();
        verdicts = new Verdicts(this, setup.tokens() != null);
        pulse = new Pulse(this, place, link -> fail(link, Failure.silence()));
        retry = new Retry(place, wire -> open(wire, false, null, 0));
        probing = new Probing(place, policy, () -> current, wire -> {
            if (trial == null) {
                open(wire, true, null, 0);
            }
        });
    }

    void start() {
        state(State.CONNECTING, null);
        open(policy.first(), false, null, 0);
    }

    /** Sends what is queued, if there is a wire. */
    void flush() {
        if (current != null) {
            current.flush();
        }
    }

    /** Moves the session to a wire, which is from now on the preferred one; with null, to the best. */
    Future<Void> switchTo(@Nullable String to) {
        if (to != null && !dialer.knows(to)) {
            return Future.failedFuture(new PolywireException("no_transport"));
        }
        if (state.over() || state == State.IDLE) {
            return Future.failedFuture(new PolywireException("closed"));
        }
        String pinned = policy.pinned();
        policy.pin(to);
        String name = policy.order().get(0);
        if (trial == null && current != null && current.name.equals(name)) {
            return Future.succeededFuture();
        }
        Promise<Void> settle = place.promise();
        if (trial != null) {
            trial.retire(new PolywireException("superseded"));
        }
        retry.cancel();
        probing.cancel();
        open(name, false, settle, earliest - place.now());
        // A wire that does not work is not to be kept to; one that was asked for since is.
        return settle.future().onFailure(failed -> {
            if (Objects.equals(policy.pinned(), to)) {
                policy.pin(pinned);
            }
        });
    }

    /** Cuts the wire without a word, as a broken network would. */
    void drop() {
        Link link = current != null ? current : trial;
        if (link != null) {
            fail(link, new Failure("dropped", 0, null, 0, false, true, null));
        }
    }

    /** Ends the session: {@code bye}, and the server's answer to it, waited for but not for long. */
    Future<Void> close() {
        if (state.over()) {
            return Future.succeededFuture();
        }
        quiet();
        Link link = current;
        if (trial != null) {
            trial.retire(new PolywireException("closed"));
            trial = null;
        }
        Promise<Void> over = place.promise();
        closing = over;
        state(State.CLOSED, null);
        if (link == null) {
            closed();
            return over.future();
        }
        link.flush();
        link.control(new JsonObject().put("type", "bye").put("sent", machine.last()));
        Runnable cancel = place.later(FAREWELL, this::closed);
        return over.future().onComplete(ended -> cancel.run());
    }

    private void closed() {
        Promise<Void> over = closing;
        closing = null;
        if (over != null) {
            clear(null);
            over.complete();
        }
    }

    private void quiet() {
        pulse.stop();
        retry.cancel();
        probing.cancel();
    }

    private void state(State next, @Nullable PolywireException detail) {
        // Before the first session each attempt that fails is told: nothing else says why there is none.
        boolean news = state != next || (detail != null && !machine.opened);
        if (!news || state.over()) {
            return;
        }
        state = next;
        events.state(next, detail);
    }

    /**
     * @param pause milliseconds until then
     */
    private void open(String name, boolean probing, @Nullable Promise<Void> settle, long pause) {
        Link link = new Link(place, name, settle);
        link.upgrade = probing;
        // Only a WebSocket can be looked at without a hello (R18).
        if (probing && name.equals("websocket")) {
            link.probe = "p" + ++ids;
        }
        trial = link;
        if (pause > 0) {
            link.later(pause, () -> dialer.dial(link));
        } else {
            dialer.dial(link);
        }
    }

    /** A frame came. */
    void frame(Link link, JsonObject frame, int size) {
        if (link.done) {
            return;
        }
        switch (Frames.type(frame)) {
            case "welcome" -> welcome(link, frame);
            case "bye" -> {
                link.bye = frame;
                if (closing != null) {
                    closed();
                } else {
                    // On a poll and on a stream nothing else may follow; on a WebSocket the close would, but a bye says
                    // it all.
                    fail(link, Failure.of(null));
                }
            }
            case "pong" -> {
                if (link.probe != null && link.probe.equals(Frames.text(frame, "id"))) {
                    link.probe = null;
                    dialer.greet(link);
                }
            }
            case "received" -> accepted(link, Frames.number(frame, "count", 0));
            case "ping" -> pinged(link, frame);
            default -> counted(link, frame, size);
        }
    }

    private void pinged(Link link, JsonObject frame) {
        long count = Frames.number(frame, "count", link.count.next - 1);
        if (link == current && count != link.count.next - 1) {
            drift(link);
            return;
        }
        JsonObject pong = new JsonObject().put("type", "pong").put("count", link.count.sent);
        String id = Frames.text(frame, "id");
        link.control(id == null ? pong : pong.put("id", id));
    }

    private void counted(Link link, JsonObject frame, int size) {
        if (link != current) {
            if (Frames.type(frame).equals("error")) {
                link.error = frame;
            }
            return;
        }
        Machine.Taken taken = machine.take(link.count);
        if (taken == Machine.Taken.DRIFT) {
            drift(link);
            return;
        }
        pulse.count(size);
        if (taken == Machine.Taken.NEW) {
            events.frame(frame);
        }
    }

    /** The server has accepted so many of our frames. */
    void accepted(Link link, long count) {
        if (!link.done && !machine.accepted(count)) {
            drift(link);
        }
    }

    private void drift(Link link) {
        fail(link, Failure.of("out_of_step"));
    }

    private void welcome(Link link, JsonObject welcome) {
        boolean polled = link == current;
        Machine.Welcomed result = machine.welcome(link.count, welcome);
        if (result.outcome() == Machine.Outcome.BROKEN) {
            fail(link, new Failure("lost", 0, null, 0, false, false, Failure.Verdict.NEW));
            return;
        }
        // Every further poll begins with one; it only says where the numbers begin.
        if (polled) {
            link.flush();
            return;
        }
        link.clearTimers();
        Link previous = current;
        trial = null;
        current = link;
        if (previous != null) {
            previous.retire(null);
        }
        link.heard = place.now();
        verdicts.welcomed();
        heartbeat = Math.max(1, Frames.number(welcome, "heartbeat", heartbeat));
        JsonArray offered = Frames.array(welcome, "transports");
        policy.offered(offered == null ? null : offered.getList());
        policy.welcomed(place.now(), link.name);
        pulse.watch(link);
        machine.oversized().forEach(entry -> events.refused(entry, "too_large"));
        events.welcome(welcome, result);
        if (link.done) {
            return;
        }
        state(State.CONNECTED, null);
        String before = last;
        last = link.name;
        if (!link.name.equals(before)) {
            events.transport(link.name, before);
        }
        link.settled();
        if (link.done) {
            return;
        }
        // A session from whose client nothing follows is taken for an orphan (R7).
        pulse.tell();
        link.flush();
        probing.plan(0);
    }

    private void clear(@Nullable PolywireException error) {
        Link used = current;
        Link tried = trial;
        current = null;
        trial = null;
        if (used != null) {
            used.retire(error);
        }
        if (tried != null) {
            tried.retire(error);
        }
    }

    /** A wire ended, unless that is known already. */
    void fail(Link link, Failure why) {
        if (!link.done) {
            ended(link, Ending.of(link, why), why);
        }
    }

    private void ended(Link link, Ending end, Failure why) {
        String code = end.code();
        link.retire(end.error());
        if (closing != null) {
            closed();
            return;
        }
        Failure.Verdict verdict = verdicts.of(link, end);
        earliest = Math.max(earliest, place.now() + end.retryAfter());
        if (code.equals("too_large") || code.equals("1009")) {
            machine.oversize = true;
        }
        if (verdict != Failure.Verdict.RESUME && end.sent() > machine.received) {
            events.missed(end.sent() - machine.received, code);
        }
        if (verdict == Failure.Verdict.NONE) {
            stop(end.error());
            return;
        }
        if (verdict == Failure.Verdict.NEW) {
            machine.forget(code);
            clear(end.error());
        }
        if (link == trial) {
            trial = null;
            // Also one that took the old wire's place and then was silent: the next one would cost as long a silence.
            if (current != null || link.upgrade) {
                policy.probeFailed();
            }
            if (current != null) {
                stay(current, end.retryAfter());
                return;
            }
        } else {
            current = null;
            probing.cancel();
            pulse.stop();
        }
        if (verdicts.overtaken(link, code)) {
            return;
        }
        state(machine.opened ? State.RECONNECTING : State.CONNECTING, end.error());
        // A wire that was to replace this one is still being opened: it is the next attempt.
        if (trial != null) {
            return;
        }
        Policy.Next next = policy.failed(
                link.name, place.now(), new Failure(code, 0, null, end.retryAfter(), why.silent(), why.cut(), null));
        if (next == null) {
            stop(new PolywireException("max_attempts"));
        } else {
            retry.plan(next.wire(), next.delay());
        }
    }

    /** An upgrade that failed costs nothing: the old wire is still in use. */
    private void stay(Link used, long retryAfter) {
        if (used.waiting) {
            used.waiting = false;
            if (used.wire != null) {
                used.wire.poll();
            }
        }
        probing.plan(retryAfter);
    }

    private void stop(PolywireException error) {
        quiet();
        clear(error);
        boolean fine = error.code().equals("normal") || error.code().equals("disconnected");
        state(fine ? State.CLOSED : State.FAILED, error);
    }
}
