package dev.polywire.examples.chat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Supplier;

/** What the chat knows, written down entry by entry, so that the next process can read it; or nowhere. Safe to call from any thread. */
interface Journal {
    /** Keeps nothing. */
    Journal NONE = new Journal() {
        @Override
        public Future<Void> write(JsonObject entry) {
            return Future.succeededFuture();
        }

        @Override
        public void check() {}

        @Override
        public Future<Void> begin(Supplier<List<JsonObject>> all) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> close() {
            return Future.succeededFuture();
        }
    };

    /**
     * Writes an entry behind those of earlier calls. Reading one twice changes nothing.
     *
     * @param entry what has changed
     * @return completes when it is written
     */
    Future<Void> write(JsonObject entry);

    /**
     * Refuses while nothing can be written, so that nobody is told that something was kept.
     *
     * @throws dev.polywire.protocol.ProtocolException {@code unavailable}
     */
    void check();

    /**
     * Begins, by writing down only what is true now in place of all that was.
     *
     * @param all says what is true now; called from time to time
     * @return completes when done
     */
    Future<Void> begin(Supplier<List<JsonObject>> all);

    /** Completes when everything is written. */
    Future<Void> close();
}
