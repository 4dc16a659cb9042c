package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The session's counters and queues, and nothing else: no sockets, no clock, no chance. The rules of docs/protocol.md that make hand-off
 * exact are kept here; the numbers in comments are theirs. For one thread at a time.
 */
final class Machine {
    /** A counted frame in the outbox; its text is kept, as a number means one frame for good (R27). */
    static final class Entry {
        final JsonObject frame;
        private String text;

        private Entry(JsonObject frame, String text) {
            this.frame = frame;
            this.text = text;
        }
    }

    /** One connection's place in both queues. */
    static final class Count {
        /** The attach number that it carried, 0 for an opening. */
        long attach;
        /** Number of the next counted frame that comes on it. */
        long next = 1;
        /** Number of the last counted frame sent on it. */
        long sent;
    }

    /** What a welcome means. */
    enum Outcome {
        OPENED,
        RESUMED,
        /** Another session was opened in place of one that was lost. */
        RESET,
        /** The counts cannot be reconciled. */
        BROKEN
    }

    /** What a welcome means; after a reset, why, and what was left in the outbox: frames that were tried and frames that never were. */
    record Welcomed(Outcome outcome, String reason, List<Entry> tried, List<Entry> fresh) {
        private static Welcomed of(Outcome outcome) {
            return new Welcomed(outcome, "", List.of(), List.of());
        }
    }

    /** What is counted as it comes. */
    enum Taken {
        NEW,
        REPEAT,
        DRIFT
    }

    /** The frames for a POST. */
    record Batch(long first, List<String> texts) {}

    private static final String NOOP = "{\"type\":\"noop\"}";

    @Nullable
    String session;

    @Nullable
    String secret;
    /** Whether a session was ever opened: the next one is then a reset. */
    boolean opened;
    /** The last attach number used (R10). */
    long attach;
    /** Downstream frames handed over. */
    long received;
    /** Upstream frames that the server has accepted. */
    long confirmed;
    /** The highest upstream number that was ever put on a wire. */
    long tried;
    /** Largest frame that the server takes, in bytes. */
    long limit = Long.MAX_VALUE;
    /** The server closed with {@code too_large}: the first frame it lacks is the one. */
    boolean oversize;
    /** Why there is no session any more. */
    private @Nullable String reason;
    /** Frames confirmed + 1, confirmed + 2, ... */
    private List<Entry> outbox = new ArrayList<>();

    /** Returns the number of the last counted frame in the outbox, or before it. */
    long last() {
        return confirmed + outbox.size();
    }

    int queued() {
        return outbox.size();
    }

    @Nullable
    Entry head() {
        return outbox.isEmpty() ? null : outbox.get(0);
    }

    /** Queues a counted frame. */
    Entry push(JsonObject frame) {
        String text = frame.encode();
        if (tooLarge(text)) {
            throw new PolywireException("too_large", "a frame of more than " + limit + " bytes");
        }
        Entry entry = new Entry(frame, text);
        outbox.add(entry);
        return entry;
    }

    /** Withdraws a frame. One that was tried leaves its number to a {@code noop} (R27); one that was not has no number yet. */
    void withdraw(Entry entry) {
        int at = outbox.indexOf(entry);
        if (at < 0) {
            return;
        }
        if (confirmed + at + 1 <= tried) {
            outbox.set(at, new Entry(new JsonObject().put("type", "noop"), NOOP));
        } else {
            outbox.remove(at);
        }
    }

    /** The server says how many frames it has accepted. Lower and late ones are ignored (R12). False if that cannot be. */
    boolean accepted(long count) {
        if (count > last()) {
            return false;
        }
        if (count > confirmed) {
            outbox.subList(0, (int) (count - confirmed)).clear();
            confirmed = count;
            tried = Math.max(tried, count);
        }
        return true;
    }

    /** Returns what a connection states to resume the session (R9), with an attach number of its own; null to open one. */
    @Nullable
    JsonObject resume(Count count) {
        if (session == null) {
            return null;
        }
        count.attach = ++attach;
        return new JsonObject()
                .put("session", session)
                .put("secret", secret)
                .put("attach", attach)
                .put("received", received)
                .put("confirmed", confirmed);
    }

    /** Gives the session up: the next welcome opens another. */
    void forget(String why) {
        if (session != null) {
            reason = why;
        }
        session = null;
        secret = null;
    }

    /** Takes a {@code welcome} in. */
    Welcomed welcome(Count count, JsonObject welcome) {
        JsonObject limits = Frames.object(welcome, "limits");
        if (limits != null && Frames.number(limits, "frame", 0) > 0) {
            limit = Frames.number(limits, "frame", limit);
        }
        if (Frames.flag(welcome, "resumed")) {
            return resumed(count, welcome);
        }
        boolean reset = opened;
        String why = Frames.text(welcome, "reason");
        if (why == null) {
            why = reason == null ? "unknown" : reason;
        }
        List<Entry> old = outbox;
        int started = (int) (tried - confirmed);
        opened = true;
        session = Frames.text(welcome, "session");
        secret = Frames.text(welcome, "secret");
        if (session == null || secret == null) {
            session = null;
            opened = reset;
            return Welcomed.of(Outcome.BROKEN);
        }
        reason = null;
        attach = received = confirmed = tried = 0;
        oversize = false;
        count.attach = count.sent = 0;
        count.next = Frames.number(welcome, "first", 1);
        if (!reset) {
            return Welcomed.of(Outcome.OPENED);
        }
        outbox = new ArrayList<>();
        return new Welcomed(
                Outcome.RESET,
                why,
                List.copyOf(old.subList(0, started)),
                List.copyOf(old.subList(started, old.size())));
    }

    private Welcomed resumed(Count count, JsonObject welcome) {
        long first = Frames.number(welcome, "first", Long.MAX_VALUE);
        long taken = Frames.number(welcome, "received", Long.MAX_VALUE);
        if (count.attach == 0
                || session == null
                || !session.equals(Frames.text(welcome, "session"))
                || first < 1
                || first > received + 1
                || taken < 0
                || !accepted(taken)) {
            return Welcomed.of(Outcome.BROKEN);
        }
        count.next = first;
        // It may be lower than what a POST's answer told meanwhile; the numbers on this connection begin there all the
        // same.
        count.sent = taken;
        return Welcomed.of(Outcome.RESUMED);
    }

    /**
     * A counted frame came: whether it is to be handed over. It is counted before it is handed, so that an attach which a callback starts
     * does not ask for it again.
     */
    Taken take(Count count) {
        long number = count.next++;
        if (number <= received) {
            return Taken.REPEAT;
        }
        if (number > received + 1) {
            return Taken.DRIFT;
        }
        received = number;
        return Taken.NEW;
    }

    /** Returns the next frame to be sent on a connection that numbers by order, or null. */
    @Nullable
    String next(Count count) {
        // A POST of the old wire was accepted after the attach: the server takes these for repeats, but has to count
        // them here.
        if (count.sent < confirmed) {
            count.sent++;
            return NOOP;
        }
        long at = count.sent - confirmed;
        if (at >= outbox.size()) {
            return null;
        }
        tried = Math.max(tried, ++count.sent);
        return outbox.get((int) at).text;
    }

    /** Returns the frames for a POST: all that are not confirmed, up to a number of characters and of frames, but at least one. */
    Batch batch(int size, int most) {
        List<String> texts = new ArrayList<>();
        int left = size;
        for (Entry entry : outbox) {
            left -= entry.text.length();
            if (!texts.isEmpty() && (left < 0 || texts.size() >= most)) {
                break;
            }
            texts.add(entry.text);
        }
        tried = Math.max(tried, confirmed + texts.size());
        return new Batch(confirmed + 1, texts);
    }

    /** Replaces frames that the server cannot take by {@code noop}, and returns them. */
    List<Entry> oversized() {
        List<Entry> found = new ArrayList<>();
        for (int at = 0; at < outbox.size(); at++) {
            if ((oversize && at == 0) || tooLarge(outbox.get(at).text)) {
                found.add(outbox.get(at));
            }
        }
        oversize = false;
        found.forEach(this::withdraw);
        return found;
    }

    private boolean tooLarge(String text) {
        return text.length() * 3L > limit && Frames.bytes(text) > limit;
    }
}
