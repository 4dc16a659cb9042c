package dev.polywire.independent;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A client of the protocol with nothing but the JDK. It comes back only when it is told to, so that a test decides when
 * and on which wire; the counting, which is what a client gets wrong, is all here.
 */
public final class SmallClient implements AutoCloseable {
    /** The kinds of wire. */
    enum Transport {
        WEBSOCKET,
        SSE,
        POLL
    }

    final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "small-client");
        thread.setDaemon(true);
        return thread;
    });
    final Uplink uplink = new Uplink(this);
    final Requests requests;
    final Outgoing outgoing = new Outgoing(this::fault);

    /** What has gone against the specification; a test wants it empty. */
    final List<String> faults = new ArrayList<>();

    final List<JsonObject> messages = new ArrayList<>();
    final List<JsonObject> errors = new ArrayList<>();
    final List<JsonObject> byes = new ArrayList<>();
    final List<JsonObject> pings = new ArrayList<>();
    final List<JsonObject> pongs = new ArrayList<>();

    /** How connections ended that were not cut. */
    final List<Throwable> ends = new ArrayList<>();

    /** The next attach number is one more; a test may turn it back. */
    long attach;

    /** A test may spoil it. */
    String secret;

    String session;

    private final String nonce = UUID.randomUUID().toString();
    private final Map<String, CompletableFuture<JsonObject>> asked = new HashMap<>();
    private Wire wire;
    private Wire candidate;
    private long received;
    private long untold;
    private boolean telling;

    SmallClient(int port) {
        requests = new Requests(this, port);
    }

    // What an application calls.

    /** Opens a session, or goes on with the one there is; the wire in use stays in use until the new one is welcome. */
    CompletableFuture<JsonObject> open(Transport transport) {
        Wire opened;
        synchronized (this) {
            opened = transport == Transport.WEBSOCKET
                    ? new WebSocketWire(this)
                    : new HttpWire(this, transport == Transport.SSE);
            candidate = opened;
            JsonObject hello = new JsonObject()
                    .put("type", "hello")
                    .put("versions", List.of(1))
                    .put("client", nonce);
            opened.open(hello, session == null ? null : place());
        }
        return opened.welcome.copy().orTimeout(10, TimeUnit.SECONDS);
    }

    CompletableFuture<JsonObject> subscribe(String channel, JsonObject position) {
        JsonObject frame = new JsonObject().put("type", "subscribe").put("channels", List.of(channel));
        if (position != null) {
            frame.put("positions", new JsonObject().put(channel, position));
        }
        return ask(frame);
    }

    static JsonObject publication(String channel, Object payload) {
        return new JsonObject().put("type", "publish").put("channel", channel).put("payload", payload);
    }

    CompletableFuture<JsonObject> request(String address, Object payload) {
        return ask(
                new JsonObject().put("type", "request").put("address", address).put("payload", payload));
    }

    /** Sends a frame and completes with the one that answers it, be it an error. */
    synchronized CompletableFuture<JsonObject> ask(JsonObject frame) {
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        String id = UUID.randomUUID().toString();
        asked.put(id, answer);
        tell(frame.put("id", id));
        return answer;
    }

    /** Sends a counted frame, now or when there is a wire; gives its number. */
    synchronized long tell(JsonObject frame) {
        return tell(frame.encode());
    }

    /** Sends a text that counts as a frame, whatever it is. */
    synchronized long tell(String text) {
        long number = outgoing.add(text);
        if (wire != null) {
            wire.counted(text);
        }
        return number;
    }

    /** Gives up what is not known to be accepted; the numbers stay taken (R27). */
    synchronized void withdraw() {
        outgoing.withdraw();
    }

    /** Sends a frame that is not counted. */
    synchronized void mention(JsonObject frame) {
        wire.uncounted(frame);
    }

    /** Cuts the connection without a word. */
    synchronized void cut() {
        if (wire != null) {
            wire.cut();
            wire = null;
        }
    }

    /** Waits until something that frames bring about has come about. */
    synchronized void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("not in time: " + what + "; messages " + messages.size() + ", received "
                        + received + ", " + outgoing + ", unanswered " + asked.size()
                        + ", faults " + faults + ", errors " + errors + ", byes " + byes);
            }
            try {
                wait(left);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new AssertionError(stop);
            }
        }
    }

    /** Says bye and waits until the server has said it as well. */
    void bye() {
        mention(new JsonObject().put("type", "bye"));
        await("bye", () -> !byes.isEmpty());
    }

    @Override
    public void close() {
        cut();
        timer.shutdownNow();
    }

    // What the wires call, holding the lock.

    void arrived(Wire from, JsonObject frame, int size) {
        String type = frame.getString("type");
        if ("bye".equals(type)) {
            byes.add(frame);
            from.bye = true;
        }
        if (from == wire || from == candidate) {
            switch (type) {
                case "welcome" -> welcomed(from, frame);
                case "ping" -> pinged(from, frame);
                case "pong" -> pongs.add(frame);
                case "received" -> confirm(frame.getLong("count"));
                case "bye" -> {}
                default -> counted(from, frame, size);
            }
        }
        notifyAll();
    }

    private void welcomed(Wire from, JsonObject welcome) {
        if (!Boolean.TRUE.equals(welcome.getBoolean("resumed"))) {
            if (session != null) {
                forget();
            }
            session = welcome.getString("session");
            secret = welcome.getString("secret");
        } else if (!welcome.getString("session").equals(session)) {
            fault("another session: " + welcome);
        }
        from.next = welcome.getLong("first");
        confirm(welcome.getLong("received"));
        if (from == candidate) {
            candidate = null;
            wire = from;
            if (from instanceof WebSocketWire) {
                // A POST's answer may have overtaken this welcome, but this connection counts from what the welcome
                // says: what has been dropped since then needs something to stand in for it.
                for (long n = welcome.getLong("received"); n < outgoing.confirmed(); n++) {
                    from.counted("{\"type\":\"noop\"}");
                }
                outgoing.unconfirmed().forEach(from::counted);
            }
            // Who only listens is dropped after 10 s, unless it says that it has the welcome (R7).
            from.uncounted(new JsonObject().put("type", "received").put("count", received));
            from.welcome.complete(welcome);
        }
        uplink.flush();
    }

    /** Numbers, and what waits for an answer, belong to a session. (R17's sending again is left to the caller.) */
    private void forget() {
        asked.values().forEach(answer -> answer.completeExceptionally(new IllegalStateException("outcome_unknown")));
        asked.clear();
        outgoing.startAt(0);
        attach = 0;
        received = 0;
    }

    private void pinged(Wire from, JsonObject ping) {
        pings.add(ping);
        if (ping.containsKey("count") && ping.getLong("count") != from.next - 1) {
            fault("ping " + ping + " where " + (from.next - 1) + " have come");
        }
        JsonObject pong = new JsonObject().put("type", "pong");
        if (ping.containsKey("id")) {
            pong.put("id", ping.getString("id"));
        }
        from.uncounted(pong);
    }

    private void counted(Wire from, JsonObject frame, int size) {
        if (from == candidate) {
            // Refused before it was welcome; the end of the wire tells why.
            return;
        }
        long number = from.next++;
        if (number <= received) {
            return;
        }
        if (number > received + 1) {
            fault("number " + number + " after " + received);
            return;
        }
        received = number;
        handOver(frame);
        tellReceived(size);
    }

    private void handOver(JsonObject frame) {
        String id = frame.getString("id");
        switch (frame.getString("type")) {
            case "message" -> messages.add(frame);
            case "request" ->
                tell(new JsonObject().put("type", "reply").put("id", id).put("payload", frame.getValue("payload")));
            case "ack", "error", "reply", "subscribed", "unsubscribed", "presence", "history" -> {
                if ("error".equals(frame.getString("type"))) {
                    errors.add(frame);
                }
                if (id != null) {
                    CompletableFuture<JsonObject> answer = asked.remove(id);
                    if (answer == null) {
                        fault("an answer to nothing: " + frame);
                    } else {
                        answer.complete(frame);
                    }
                }
            }
            default -> {
                // Unknown types count, and no more (R2).
            }
        }
    }

    private void tellReceived(int size) {
        untold += size;
        if (untold >= 16 * 1024) {
            tellNow();
        } else if (!telling) {
            telling = true;
            timer.schedule(this::tellNow, 300, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void tellNow() {
        telling = false;
        if (untold > 0 && wire != null) {
            untold = 0;
            wire.uncounted(new JsonObject().put("type", "received").put("count", received));
        }
    }

    void ended(Wire from, Throwable why) {
        ends.add(why);
        if (from == candidate) {
            candidate = null;
            if (wire != null) {
                wire.again();
            }
        } else if (from == wire) {
            wire = null;
            // A poll that another wire's attach has overtaken is told that it is stale.
            if (!from.bye && candidate == null) {
                fault("the wire ended: " + why);
            }
        }
        notifyAll();
    }

    /** A poll is an attach: one more would make the attach stale that is under way on another wire. */
    boolean mayPoll(Wire one) {
        return one == wire && candidate == null;
    }

    boolean postable() {
        return wire instanceof HttpWire;
    }

    void confirm(long count) {
        outgoing.confirm(count);
        notifyAll();
    }

    /** Where this client is, with a new attach number (R9). */
    JsonObject place() {
        return new JsonObject()
                .put("session", session)
                .put("secret", secret)
                .put("attach", ++attach)
                .put("received", received)
                .put("confirmed", outgoing.confirmed());
    }

    /** Fills in what the client has sent up to here, in the frames that tell it. */
    JsonObject withCounts(JsonObject frame, long count) {
        return switch (frame.getString("type")) {
            case "ping", "pong" -> frame.copy().put("count", count);
            case "bye" -> frame.copy().put("sent", count);
            default -> frame;
        };
    }

    void fault(String what) {
        faults.add(what);
        notifyAll();
    }

    /** Believes that it has had this much; only a test that wants to be refused does so. */
    void startAt(long count) {
        outgoing.startAt(count);
        received = count;
    }

    long sent() {
        return outgoing.sent();
    }

    long confirmed() {
        return outgoing.confirmed();
    }

    long received() {
        return received;
    }
}
