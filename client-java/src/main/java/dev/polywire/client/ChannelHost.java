package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What a channel needs of its client. */
interface ChannelHost {
    Place place();

    Calls calls();

    /** Queues a frame, or throws. */
    Machine.Entry send(JsonObject frame);

    /** Makes a message of a frame; null when it was confirmed before. */
    @Nullable
    Message message(JsonObject frame, @Nullable Position position);

    /** Keeps a channel, until it was let go as often as it was held; from any thread. */
    void hold(LiveChannel channel);

    /** Lets a channel go. */
    void release(LiveChannel channel);

    void gap(Gap gap);

    /** A frame that nobody waits for the answer of will not have its effect. */
    void lost(JsonObject frame, String reason);

    void error(Throwable error);

    /** A handler of the application threw. */
    void thrown(Throwable error);

    boolean autoConfirm();
}
