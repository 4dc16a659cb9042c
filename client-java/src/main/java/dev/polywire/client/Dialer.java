package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens a link's wire, with a token of its own, greets on it, and listens to it. */
final class Dialer {
    private final Engine engine;
    private final EngineSetup setup;
    private final Map<String, Wire.Opener> wires;

    Dialer(Engine engine, EngineSetup setup, Map<String, Wire.Opener> wires) {
        this.engine = engine;
        this.setup = setup;
        this.wires = wires;
    }

    boolean knows(String wire) {
        return wires.containsKey(wire);
    }

    void dial(Link link) {
        link.later(setup.welcomeTimeout(), () -> engine.fail(link, Failure.silence()));
        Supplier<Future<@Nullable String>> tokens = setup.tokens();
        if (tokens == null) {
            open(link);
            return;
        }
        Future<@Nullable String> asked;
        try {
            asked = tokens.get();
        } catch (RuntimeException thrown) {
            asked = Future.failedFuture(thrown);
        }
        // The application's future may complete anywhere.
        asked.onComplete(got -> engine.place.run(() -> {
            if (link.done) {
                return;
            }
            if (got.failed()) {
                engine.fail(link, Failure.of("token"));
                return;
            }
            engine.token = got.result();
            engine.events.token(engine.token);
            open(link);
        }));
    }

    private void open(Link link) {
        try {
            Wire.Opener opener = Objects.requireNonNull(wires.get(link.name));
            link.wire = opener.open(new WireContext(engine, link, () -> hello(null)), new Ear(link));
        } catch (RuntimeException thrown) {
            engine.fail(link, Failure.network(thrown));
        }
    }

    /** Says hello on a WebSocket. */
    void greet(Link link) {
        link.control(hello(engine.machine.resume(link.count)));
    }

    /** Returns a {@code hello}; the token is in the header of the request, on each wire alike. */
    private JsonObject hello(@Nullable JsonObject resume) {
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(1))
                .put("client", setup.client());
        if (setup.capabilities() != null) {
            hello.put("capabilities", setup.capabilities());
        }
        return resume == null ? hello : hello.put("resume", resume);
    }

    /** What a link's wire tells, told to the engine: in the client's own context, though a wire's request may have one of its own. */
    private final class Ear implements Wire.Listener {
        private final Link link;

        private Ear(Link link) {
            this.link = link;
        }

        @Override
        public void opened() {
            engine.place.run(this::greeted);
        }

        private void greeted() {
            if (link.done) {
                return;
            }
            if (link.probe != null) {
                link.control(new JsonObject().put("type", "ping").put("id", link.probe));
            } else {
                greet(link);
            }
        }

        @Override
        public void text(String text) {
            heard();
            JsonObject frame = Frames.read(text);
            engine.place.run(() -> engine.frame(link, frame, text.length()));
        }

        @Override
        public void frame(JsonObject frame) {
            engine.place.run(() -> engine.frame(link, frame, 0));
        }

        @Override
        public void heard() {
            link.heard = engine.place.now();
        }

        @Override
        public void idle() {
            engine.place.run(this::rested);
        }

        private void rested() {
            // A poll is an attach: it must not overtake that of the wire which is to replace it.
            if (engine.trial != null && engine.trial.count.attach > 0) {
                link.waiting = true;
            } else if (link.wire != null) {
                link.wire.poll();
            }
        }

        @Override
        public void closed(Failure why) {
            engine.place.run(() -> engine.fail(link, why));
        }
    }
}
