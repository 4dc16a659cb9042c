package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a wire gets to see of the engine: the session's queues, and how to introduce itself. */
final class WireContext {
    private final Engine engine;
    private final Link link;
    private final Supplier<JsonObject> hello;

    WireContext(Engine engine, Link link, Supplier<JsonObject> hello) {
        this.hello = hello;
        this.engine = engine;
        this.link = link;
    }

    Place place() {
        return engine.place;
    }

    long heartbeat() {
        return engine.heartbeat;
    }

    /** Returns a {@code hello} without what is in headers: the token, and on HTTP the resume. */
    JsonObject hello() {
        return hello.get();
    }

    /** Returns headers that resume, with an attach number of their own. */
    Map<String, String> attach() {
        Map<String, String> headers = new LinkedHashMap<>();
        JsonObject resume = engine.machine.resume(link.count);
        if (resume != null) {
            headers.put("Polywire-Attach", String.valueOf(resume.getLong("attach")));
            headers.put("Polywire-Received", String.valueOf(resume.getLong("received")));
            headers.put("Polywire-Confirmed", String.valueOf(resume.getLong("confirmed")));
        }
        return headers;
    }

    /** Returns the header that says who we are; empty when there is no token. */
    Map<String, String> credentials() {
        String token = engine.token;
        return token == null ? Map.of() : Map.of("Authorization", "Bearer " + token);
    }

    /** Returns the headers of every request of the session. */
    Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>(credentials());
        if (engine.machine.session != null) {
            headers.put("Polywire-Session", engine.machine.session);
            headers.put("Polywire-Secret", engine.machine.secret == null ? "" : engine.machine.secret);
        }
        return headers;
    }

    @Nullable
    String next() {
        return link.done ? null : engine.machine.next(link.count);
    }

    Machine.Batch batch(int size, int most) {
        return link == engine.current
                ? engine.machine.batch(size, most)
                : new Machine.Batch(engine.machine.confirmed + 1, new ArrayList<>());
    }

    /** The server has accepted so many of our frames. */
    void accepted(long count) {
        engine.accepted(link, count);
    }

    /** The first unconfirmed frame is not acceptable. */
    void refuse(String code) {
        Machine.Entry entry = engine.machine.head();
        if (entry != null) {
            engine.machine.withdraw(entry);
            engine.events.refused(entry, code);
        }
    }
}
