package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The subscription of a channel: what the application wants, how far the server is, and where we are in the channel. */
final class Subscription {
    /** Refusals that are not the application's to deal with after a lost session, when everybody subscribes at once. */
    private static final Set<String> PASSING = Set.of("rate_limited", "unavailable", "timeout", "internal");

    private static final long SOON = 500;
    /** Where the backoff of what is tried again begins: at up to two seconds. */
    private static final int FIRST = 2;

    /** What is told of it. */
    interface Ear {
        /** The application wants to be subscribed, or no longer: told of changes alone. */
        void wanted(boolean value);

        void subscribed(Channel.Subscribed answer);

        void unsubscribed(PolywireException error);

        void gap(Gap gap);

        void message(Message message);

        /** A {@code join}, {@code leave} or {@code presence} of one member. */
        void changed(String type, Channel.Change change);

        /** A whole list of members, other than that of a subscription. */
        void listed(Channel.Present present);
    }

    private final ChannelHost host;
    private final String name;
    private final Ear ear;
    private final Following following;
    private volatile @Nullable Position position;
    private volatile @Nullable Object snapshot;
    /** Whether we are between {@code subscribed} and {@code unsubscribed} (R34). */
    private volatile boolean open;
    /** Whether the application wants to be subscribed, across sessions. */
    private boolean wanted;
    /** The id of the subscribe that counts. */
    private String id = "";
    /** Whether that one gave a position. */
    private boolean asked;
    /** Whether that one was our own idea, after a lost session or channel. */
    private boolean again;
    /** How many came to nothing in a row. */
    private int tries;
    /** Whether a token is being got, and the subscribe waits for it. */
    private boolean fetching;

    private @Nullable Promise<Channel.Subscribed> answer;
    private OwnState own;
    private @Nullable Supplier<Future<String>> tokens;

    Subscription(ChannelHost host, String name, Ear ear) {
        this.host = host;
        this.name = name;
        this.ear = ear;
        own = new OwnState(host.calls());
        following = new Following(host, name, ear);
    }

    boolean open() {
        return open;
    }

    @Nullable
    Position position() {
        return position;
    }

    @Nullable
    Object snapshot() {
        return snapshot;
    }

    Members members() {
        return following.members();
    }

    /** Sets where a token for this channel comes from. */
    void shows(Supplier<Future<String>> source) {
        tokens = source;
    }

    /** Whether a subscribe has to wait for a token. */
    boolean shows() {
        return tokens != null;
    }

    /** Whether it is to be subscribed in a new session. */
    boolean wanted() {
        return wanted;
    }

    /** Returns our own state, to be set again in a new session; null when none was set. */
    @Nullable
    JsonObject own() {
        return own.again();
    }

    Future<Channel.Subscribed> subscribe(@Nullable Position from) {
        if (wanted && answer != null) {
            return answer.future();
        }
        want(true);
        position = from;
        tries = 0;
        Promise<Channel.Subscribed> mine = host.place().promise();
        answer = mine;
        begin(false);
        return mine.future();
    }

    private void want(boolean value) {
        if (wanted != value) {
            wanted = value;
            ear.wanted(value);
        }
    }

    Future<Void> unsubscribe() {
        if (!wanted) {
            return Future.succeededFuture();
        }
        boolean said = !fetching;
        end(new PolywireException("unsubscribed"));
        if (!said) {
            return Future.succeededFuture();
        }
        JsonObject frame = new JsonObject().put("type", "unsubscribe").put("channels", new JsonArray().add(name));
        return host.calls().ask(frame, 0).mapEmpty();
    }

    Future<Void> state(JsonObject frame) {
        return own.set(frame);
    }

    /** Subscribes, with a fresh token where one is to be shown. */
    void begin(boolean ourIdea) {
        JsonObject frame = request(host.calls().id(), ourIdea);
        Supplier<Future<String>> source = tokens;
        if (source == null) {
            saySubscribe(frame);
            return;
        }
        String mine = id;
        fetching = true;
        Future<String> got;
        try {
            got = source.get();
        } catch (RuntimeException thrown) {
            got = Future.failedFuture(thrown);
        }
        got.onComplete(token -> host.place().run(() -> {
            if (!wanted || !id.equals(mine)) {
                return;
            }
            fetching = false;
            if (token.succeeded()) {
                saySubscribe(frame.put("tokens", new JsonObject().put(name, token.result())));
            } else if (ourIdea) {
                // Whoever hands out tokens may be away for as long as our server was.
                later(SOON);
            } else {
                refused(new PolywireException(
                        "token", String.valueOf(token.cause().getMessage())));
            }
        }));
    }

    private void saySubscribe(JsonObject frame) {
        try {
            host.send(frame);
        } catch (PolywireException failed) {
            // Who asks for the first time is told at once. Later, the queue is full of what waits for the same server.
            if ((again || tries > 0) && failed.code().equals("queue_full")) {
                later(SOON);
            } else {
                refused(failed);
            }
            return;
        }
        JsonObject state = again ? own() : null;
        if (state == null) {
            return;
        }
        try {
            host.send(state);
        } catch (PolywireException failed) {
            host.lost(state, failed.code());
        }
    }

    /** Tries once more to be where we were, or where the application wants to be. */
    private void later(long pause) {
        String mine = id;
        boolean ourIdea = again;
        double spread = Policy.backoff(FIRST + tries++, host.place()::random);
        host.place().later(pause + Math.round(spread), () -> {
            if (wanted && !open && id.equals(mine)) {
                begin(ourIdea);
            }
        });
    }

    /** Begins an incarnation of the subscription, and returns the frame that asks for it. */
    JsonObject request(String with, boolean ourIdea) {
        Position from = position;
        id = with;
        again = ourIdea;
        asked = from != null;
        open = false;
        following.clear();
        JsonObject frame =
                new JsonObject().put("type", "subscribe").put("id", with).put("channels", new JsonArray().add(name));
        return from == null ? frame : frame.put("positions", new JsonObject().put(name, from.toJson()));
    }

    void frame(JsonObject frame) {
        String with = Frames.text(frame, "id");
        switch (Frames.type(frame)) {
            case "subscribed" -> {
                if (wanted && (with == null ? open : with.equals(id))) {
                    subscribed(frame);
                }
            }
            case "unsubscribed" -> {
                // Asked for: we had closed it ourselves.
                if (with == null && wanted) {
                    ended(Frames.text(frame, "reason"));
                }
            }
            case "error" -> {
                if (id.equals(with) && wanted) {
                    denied(frame);
                } else if (own.refused(with, PolywireException.of(frame))) {
                    host.error(PolywireException.of(frame));
                }
            }
            case "gap" -> {
                if (wanted) {
                    String reason = Frames.text(frame, "reason");
                    gap(reason == null ? "unknown" : reason, Frames.position(frame), Frames.number(frame, "count", 0));
                }
            }
            case "message" -> {
                if (open) {
                    message(frame);
                }
            }
            case "join", "leave", "presence" -> {
                if (open) {
                    following.take(frame);
                }
            }
            default -> {
                // An answer that nobody waits for, or a frame of a later version (R2).
            }
        }
    }

    private void subscribed(JsonObject frame) {
        boolean first = !open;
        boolean already = Frames.flag(frame, "already");
        Position at = Frames.position(frame);
        open = true;
        tries = 0;
        if ((first || !already) && at != null) {
            position = at;
        }
        following.members().take(frame);
        if (frame.containsKey("snapshot")) {
            snapshot = frame.getValue("snapshot");
        }
        List<Member> here = Frames.members(frame);
        boolean recovered = Frames.flag(frame, "recovered");
        Channel.Subscribed told = new Channel.Subscribed(
                at, recovered, already, here, Frames.number(frame, "count", 0), frame.getValue("snapshot"));
        if (answer != null) {
            answer.tryComplete(told);
        }
        ear.subscribed(told);
        if (!first) {
            return;
        }
        if (asked && !recovered) {
            gap("not_recovered", at, 0);
        } else if (!asked && again) {
            // Nothing says what an unstored channel missed between two sessions, so its extent is unknown.
            gap("reset", at, 0);
        }
    }

    private void message(JsonObject frame) {
        Position last = position;
        long offset = Frames.number(frame, "offset", 0);
        Position at = offset < 1 || last == null ? null : new Position(last.epoch(), offset);
        // One that is delivered again has an offset from before.
        if (at != null && last != null && offset > last.offset()) {
            position = at;
        }
        Message message = host.message(frame, at);
        if (message != null) {
            ear.message(message);
        }
    }

    private void gap(String reason, @Nullable Position at, long count) {
        if (at != null) {
            position = at;
        }
        ear.gap(new Gap(name, reason, at, count));
    }

    /** The server has ended it. */
    private void ended(@Nullable String reason) {
        if (!"lost".equals(reason)) {
            refused(new PolywireException(reason == null ? "unsubscribed" : reason, null, 0, name));
            return;
        }
        // Nobody minds that we are here, but a node could not take us in (R91). The position tells what we miss
        // meanwhile.
        open = false;
        again = true;
        later(SOON);
    }

    /** A subscribe was refused. */
    private void denied(JsonObject frame) {
        PolywireException error = PolywireException.of(frame);
        // With a position nothing is lost by waiting until there is room for what we missed (R33).
        boolean behind = asked
                && error.code().equals("unavailable")
                && !error.retryAfter().isZero();
        if (behind || (again && PASSING.contains(error.code()))) {
            later(Math.max(SOON, error.retryAfter().toMillis()));
        } else {
            refused(error);
        }
    }

    /** The server does not let us be here, or no longer. */
    private void refused(PolywireException error) {
        boolean ourIdea = again;
        end(error);
        ear.unsubscribed(error);
        if (ourIdea) {
            host.error(error);
        }
    }

    /** It is over; whoever still waits is told why. */
    void end(PolywireException error) {
        want(false);
        open = false;
        fetching = false;
        tries = 0;
        own = new OwnState(host.calls());
        following.clear();
        Promise<Channel.Subscribed> waiting = answer;
        answer = null;
        if (waiting != null) {
            waiting.tryFail(error);
        }
    }
}
