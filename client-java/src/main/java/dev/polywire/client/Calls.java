package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What was asked and not yet answered: by id, in the order of asking. Bounded, also towards a server that takes in and never answers. */
final class Calls {
    /** A publish is not sent again later than this: the server forgets its id after five minutes (R30). */
    private static final long WINDOW = 280_000;

    /** Frames that mean something in their own session only. */
    private static final Set<String> BOUND = Set.of("subscribe", "unsubscribe", "reply", "ack", "error", "noop");

    private static final class Call {
        private final String id;
        private final JsonObject frame;
        private final long at;
        private final Promise<JsonObject> promise;
        /** Its place in the outbox; null once it was answered. */
        private Machine.@Nullable Entry entry;

        private @Nullable Runnable cancel;

        private Call(String id, JsonObject frame, long at, Promise<JsonObject> promise) {
            this.id = id;
            this.frame = frame;
            this.at = at;
            this.promise = promise;
        }
    }

    private final Place place;
    private final Function<JsonObject, Machine.Entry> send;
    private final Consumer<Machine.Entry> withdraw;
    private final int most;
    /** By id. */
    private final Map<String, Call> calls = new LinkedHashMap<>();

    private long ids;

    /**
     * @param send throws when the frame cannot be queued
     * @param most that may be without an answer at a time
     */
    Calls(Place place, Function<JsonObject, Machine.Entry> send, Consumer<Machine.Entry> withdraw, int most) {
        this.place = place;
        this.send = send;
        this.withdraw = withdraw;
        this.most = most;
    }

    /** Returns an id that no other call of this client has. */
    String id() {
        return "~" + ++ids;
    }

    /** Sends a frame and waits for its answer, for so many milliseconds, or with 0 without end. The frame gets an id when it has none. */
    Future<JsonObject> ask(JsonObject frame, long timeout) {
        String given = Frames.text(frame, "id");
        String id = given == null ? id() : given;
        if (given == null) {
            frame.put("id", id);
        }
        if (calls.containsKey(id)) {
            return Future.failedFuture(new PolywireException("duplicate_id", "what has this id is still under way"));
        }
        if (calls.size() >= most) {
            return Future.failedFuture(new PolywireException("queue_full", "too much is without an answer"));
        }
        Call call = new Call(id, frame, place.now(), place.promise());
        try {
            call.entry = send.apply(frame);
        } catch (PolywireException refused) {
            return Future.failedFuture(refused);
        }
        calls.put(id, call);
        if (timeout > 0) {
            call.cancel = place.later(timeout, () -> fail(call, new PolywireException("timeout")));
        }
        return call.promise.future();
    }

    private void end(Call call) {
        if (call.cancel != null) {
            call.cancel.run();
        }
        calls.remove(call.id);
    }

    private void fail(Call call, PolywireException error) {
        end(call);
        if (call.entry != null) {
            withdraw.accept(call.entry);
        }
        call.promise.tryFail(error);
    }

    /** Gives an answer to whom it belongs; false if nobody waits. */
    boolean answer(JsonObject frame) {
        String id = Frames.text(frame, "id");
        Call call = id == null ? null : calls.get(id);
        // The server's own questions have ids of their own.
        if (call == null || Frames.type(frame).equals("request")) {
            return false;
        }
        // Answered, so accepted: nothing to withdraw.
        call.entry = null;
        if (Frames.type(frame).equals("error")) {
            fail(call, PolywireException.of(frame));
        } else {
            end(call);
            call.promise.tryComplete(frame);
        }
        return true;
    }

    /** Fails the call of a frame that cannot be sent; false if it has none. */
    boolean refuse(Machine.Entry entry, String code) {
        Call call = of(entry);
        if (call != null) {
            fail(call, new PolywireException(code));
        }
        return call != null;
    }

    private @Nullable Call of(Machine.Entry entry) {
        return calls.values().stream()
                .filter(call -> call.entry == entry)
                .findFirst()
                .orElse(null);
    }

    /**
     * The session was lost. What may be sent again is (R17), in its order, the rest fails; frames without an answer that were tried are
     * told to {@code lost}.
     *
     * @param fresh never on any wire: their outcome is known
     */
    void reset(List<Machine.Entry> tried, List<Machine.Entry> fresh, BiConsumer<JsonObject, String> lost) {
        Set<Machine.Entry> unsent = Collections.newSetFromMap(new IdentityHashMap<>());
        unsent.addAll(fresh);
        Map<JsonObject, Call> asked = new IdentityHashMap<>();
        List<Call> all = List.copyOf(calls.values());
        all.forEach(call -> asked.put(call.frame, call));
        for (Call call : all) {
            if (call.entry != null && unsent.contains(call.entry)) {
                continue;
            }
            String type = Frames.type(call.frame);
            call.entry = null;
            if (type.equals("presence") || (type.equals("publish") && place.now() - call.at < WINDOW)) {
                again(call.frame, call, lost);
            } else {
                fail(call, new PolywireException("outcome_unknown"));
                lost.accept(call.frame, "outcome_unknown");
            }
        }
        for (Machine.Entry entry : tried) {
            if (!asked.containsKey(entry.frame) && !BOUND.contains(Frames.type(entry.frame))) {
                lost.accept(entry.frame, "outcome_unknown");
            }
        }
        for (Machine.Entry entry : fresh) {
            if (!BOUND.contains(Frames.type(entry.frame))) {
                again(entry.frame, asked.get(entry.frame), lost);
            }
        }
    }

    /** The new session may take less than the old one did. */
    private void again(JsonObject frame, @Nullable Call call, BiConsumer<JsonObject, String> lost) {
        try {
            Machine.Entry entry = send.apply(frame);
            if (call != null) {
                call.entry = entry;
            }
        } catch (PolywireException refused) {
            if (call != null) {
                fail(call, refused);
            } else {
                lost.accept(frame, refused.code());
            }
        }
    }

    /** Fails what is left. */
    void end(String code) {
        List.copyOf(calls.values()).forEach(call -> fail(call, new PolywireException(code)));
    }
}
