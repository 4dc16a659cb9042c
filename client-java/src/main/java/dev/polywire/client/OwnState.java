package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Our own state in a channel, for as long as one subscription lasts: what is to be set again where the server does not know it any more. */
final class OwnState {
    /** Refusals after which it is set again with the next subscribe, or in the next session. */
    private static final Set<String> PASSING =
            Set.of("not_subscribed", "rate_limited", "unavailable", "timeout", "internal");

    private final Calls calls;
    /** The last one that was accepted. */
    private @Nullable JsonObject accepted;
    /** The last one that the application wants, unless it was refused. */
    private @Nullable JsonObject wanted;
    /** The id with which it was last set again. */
    private String id = "";

    OwnState(Calls calls) {
        this.calls = calls;
    }

    /** Sets it by the application's wish. One that is refused is not kept: whoever was told so does not expect it later. */
    Future<Void> set(JsonObject frame) {
        wanted = frame;
        return calls.ask(frame.copy(), 0)
                .onSuccess(answer -> accepted = frame)
                .onFailure(refused -> {
                    if (wanted == frame) {
                        wanted = accepted;
                    }
                })
                .mapEmpty();
    }

    /** Returns a frame that sets it again, or null when there is none. */
    @Nullable
    JsonObject again() {
        if (wanted == null) {
            return null;
        }
        id = calls.id();
        return wanted.copy().put("id", id);
    }

    /** An error has come with an id: whether it means that the state which was set again is not allowed any more. */
    boolean refused(@Nullable String with, PolywireException error) {
        if (!id.equals(with) || PASSING.contains(error.code())) {
            return false;
        }
        accepted = null;
        wanted = null;
        return true;
    }
}
