package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What the engine tells. */
interface EngineEvents {
    /** A counted frame, once and in order. */
    void frame(JsonObject frame);

    void welcome(JsonObject welcome, Machine.Welcomed result);

    /** The server does not take a frame. */
    void refused(Machine.Entry entry, String code);

    void state(State state, @Nullable PolywireException error);

    void transport(String name, @Nullable String previous);

    /** Frames that the server sent and that never came. */
    void missed(long count, String code);

    /** A token was got for a wire. */
    void token(@Nullable String token);
}
