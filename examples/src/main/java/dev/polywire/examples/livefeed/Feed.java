package dev.polywire.examples.livefeed;

import dev.polywire.ChannelHandler;
import dev.polywire.Channels;
import dev.polywire.Principal;
import dev.polywire.Session;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers a source's messages, publishes them, and remembers the latest for whoever comes next.
 *
 * <p>Each message says which {@code feed} it belongs to and its number {@code n} there, 1, 2, 3, …, so that a page can
 * count what it missed or saw twice without believing the protocol.
 *
 * <p>Of a source that tells a state, the feed keeps the document. A page gets it whole when it subscribes, with its version,
 * and from then on what changes, as {@link StateDocument.Change}; the past is for the charts only.
 */
final class Feed implements ChannelHandler, Source.Sink {
    /** How much of the past a new page is told: 75 seconds of samples at the usual rate. */
    static final int REMEMBERED = 300;

    /** Bytes of JSON that a snapshot holds at most, so that it fits a session's window whatever the lines are. */
    static final int SNAPSHOT_BYTES = 128 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);
    private static final int UNDER_WAY = 64;

    private final String id = UUID.randomUUID().toString().substring(0, 8);
    private final Source source;
    private final Channels channels;
    private final Semaphore room = new Semaphore(UNDER_WAY);
    private final Thread thread;
    private final Deque<Remembered> remembered = new ArrayDeque<>();
    private int bytes;
    private long last;
    private final @Nullable StateDocument state;
    private volatile boolean closed;

    private record Remembered(JsonObject message, int bytes) {}

    Feed(Source source, Channels channels) {
        this.source = source;
        this.channels = channels;
        state = source.isState() ? new StateDocument(new JsonObject().put("about", source.about())) : null;
        thread = new Thread(this::run, "live-feed");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void close() {
        closed = true;
        thread.interrupt();
    }

    @Override
    public Future<@Nullable Object> onSubscribe(Session session, String channel) {
        return Future.succeededFuture(snapshot());
    }

    /** Curl and {@code EventSource} may read the feed, too. */
    @Override
    public Future<@Nullable Void> onRead(Principal principal, String channel) {
        return Future.succeededFuture();
    }

    /**
     * Publishes a message. It is remembered first: a page that subscribes in between gets it twice, and can tell by its
     * number; the other way round it would get it never.
     */
    @Override
    public void put(String event, JsonObject body) throws InterruptedException {
        room.acquire();
        StateDocument document = state;
        Message message = document == null ? next(event, body) : next(document, event, body);
        channels.publish(source.channel(), message.event(), message.payload()).onComplete(done -> {
            room.release();
            if (done.failed() && !closed) {
                LOG.warn("A message of the feed could not be published.", done.cause());
            }
        });
    }

    private record Message(String event, JsonObject payload) {}

    private synchronized Message next(String event, JsonObject body) {
        last++;
        JsonObject message = new JsonObject()
                .put("feed", id)
                .put("n", last)
                .put("event", event)
                .put("at", System.currentTimeMillis())
                .mergeIn(body);
        remember(message);
        return new Message(event, message);
    }

    /** Makes a message the document's next version. There is always a change: its number. */
    private synchronized Message next(StateDocument document, String event, JsonObject body) {
        JsonObject moment =
                new JsonObject().put("at", System.currentTimeMillis()).put("n", document.version() + 1);
        StateDocument.Change change =
                document.set(document.document().copy().mergeIn(moment).put(event, body));
        last = document.version();
        remember(moment.copy().put("event", event).mergeIn(body));
        return new Message(
                "patch",
                new JsonObject()
                        .put("feed", id)
                        .put("from", Objects.requireNonNull(change).from())
                        .put("to", change.to())
                        .put("patch", change.patch()));
    }

    synchronized JsonObject snapshot() {
        JsonArray recent = new JsonArray();
        remembered.forEach(one -> recent.add(one.message()));
        JsonObject snapshot = new JsonObject().put("feed", id).put("last", last).put("recent", recent);
        return state == null
                ? snapshot.put("about", source.about())
                : snapshot.put("version", state.version()).put("state", state.document());
    }

    private void remember(JsonObject message) {
        int size = message.toBuffer().length();
        remembered.addLast(new Remembered(message, size));
        bytes += size;
        while (remembered.size() > REMEMBERED || bytes > SNAPSHOT_BYTES) {
            bytes -= remembered.removeFirst().bytes();
        }
    }

    private void run() {
        try {
            source.run(this);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception | LinkageError e) {
            // Without its native library OSHI fails with a LinkageError.
            LOG.error("The feed has ended: its source failed.", e);
            try {
                put("end", new JsonObject().put("failed", true));
            } catch (InterruptedException again) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
