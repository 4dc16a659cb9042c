package dev.polywire.session;

import dev.polywire.protocol.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The client's frames that have been issued and not answered yet: their answers find nobody once the session is elsewhere. On the loop. */
final class Calls {
    static final String UNKNOWN = "The session moved while this was under way: its outcome is not known.";

    private final LiveSession session;
    private @Nullable Map<Long, Call> open;
    private @Nullable Promise<Void> none;

    private record Call(@Nullable String id, @Nullable String channel) {}

    Calls(LiveSession session) {
        this.session = session;
    }

    /** An answer is to come. */
    void begin(long number, @Nullable String id, @Nullable String channel) {
        if (open == null) {
            open = new LinkedHashMap<>();
        }
        open.put(number, new Call(id, channel));
    }

    /** It has come. */
    void end(long number) {
        Map<Long, Call> calls = open;
        if (calls != null && calls.remove(number) != null && calls.isEmpty()) {
            open = null;
            if (none != null) {
                none.tryComplete();
                none = null;
            }
        }
    }

    /** Completes when there are none, on the loop. */
    Future<Void> quiet() {
        if (open == null) {
            return Future.succeededFuture();
        }
        if (none == null) {
            none = Promise.promise();
        }
        return none.future();
    }

    /** Answers what has no answer, because it will not come. */
    void giveUp() {
        if (open != null) {
            Map<Long, Call> calls = open;
            open = null;
            calls.forEach((number, call) -> {
                if (call.id() != null) {
                    session.refuse(ErrorCode.UNAVAILABLE, UNKNOWN, call.id(), call.channel(), number, 0);
                }
            });
        }
    }
}
