package dev.polywire.client;

import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A wire and its place in the session, from its opening to its end. */
final class Link {
    final String name;
    final Machine.Count count = new Machine.Count();

    @Nullable
    Wire wire;
    /** Nothing from it matters any more. */
    boolean done;
    /** It is to replace one that works, by the policy's wish. */
    boolean upgrade;
    /** Id of the ping that has to be answered before it attaches. */
    @Nullable
    String probe;
    /** Its next poll waits for another wire's attach. */
    boolean waiting;
    /** When it last gave a sign of life. */
    long heard;

    @Nullable
    JsonObject bye;
    /** Told before the welcome. */
    @Nullable
    JsonObject error;
    /** Whoever asked for the switch. */
    @Nullable
    Promise<Void> settle;

    private final Place place;
    private final Set<Runnable> timers = new HashSet<>();

    Link(Place place, String name, @Nullable Promise<Void> settle) {
        this.place = place;
        this.name = name;
        this.settle = settle;
        heard = place.now();
    }

    /** Runs something later, unless the link is over or welcomed by then. */
    void later(long millis, Runnable run) {
        Runnable[] cancel = new Runnable[1];
        cancel[0] = place.later(millis, () -> {
            timers.remove(cancel[0]);
            run.run();
        });
        timers.add(cancel[0]);
    }

    void clearTimers() {
        List.copyOf(timers).forEach(Runnable::run);
        timers.clear();
    }

    void settled() {
        Promise<Void> asked = settle;
        settle = null;
        if (asked != null) {
            asked.complete();
        }
    }

    boolean polls() {
        return wire != null && wire.polls();
    }

    void control(JsonObject frame) {
        if (wire != null) {
            wire.control(frame);
        }
    }

    void flush() {
        if (wire != null) {
            wire.flush();
        }
    }

    /** Ends it: from now on, what comes from its wire is ignored. */
    void retire(@Nullable PolywireException error) {
        if (done) {
            return;
        }
        done = true;
        clearTimers();
        if (wire != null) {
            wire.close();
        }
        Promise<Void> asked = settle;
        settle = null;
        if (asked != null) {
            asked.fail(error == null ? new PolywireException("superseded") : error);
        }
    }
}
