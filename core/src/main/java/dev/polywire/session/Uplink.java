package dev.polywire.session;

import dev.polywire.limit.SessionLimiter;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way up: counts the client's frames, drops repeats, charges the limits, and lets what was accepted take effect one by one.
 *
 * <p>Order matters: a repeat is dropped before it is charged, and a frame is charged before it is decoded (rules 20 and 23).
 */
final class Uplink {
    private static final Logger LOG = LoggerFactory.getLogger(Uplink.class);
    private static final long BYE_WAIT = 5_000;

    private final LiveSession session;
    private final SessionMachine machine;
    private final Dispatcher dispatcher;
    private final SessionLimiter limiter;
    /** Uncounted frames have a budget of their own: how many of them a client sends depends on its wire, what it may publish must not. */
    private @Nullable SessionLimiter controls;

    private final Ring<Accepted> inbox = new Ring<>();
    private boolean busy;
    private long active;
    private long byeSent = -1;
    private TimerWheel.@Nullable Timer byeTimer;

    private record Accepted(Buffer bytes, long number) {}

    /** What is under way; null when nothing is. */
    private @Nullable Accepted current;

    /** Whether nothing new begins, because the session is about to go to another node. */
    private boolean holding;

    private @Nullable Promise<Void> issued;

    Uplink(LiveSession session, SessionMachine machine, Dispatcher dispatcher) {
        this.session = session;
        this.machine = machine;
        this.dispatcher = dispatcher;
        this.active = session.loop().now();
        this.limiter = new SessionLimiter(session.engine().options().session().rate(), active);
    }

    /** Returns when the last frame came that is more than a sign of life. */
    long active() {
        return active;
    }

    /** A new wire was committed. A {@code bye} on the one before is over. */
    void attached() {
        byeSent = -1;
        if (byeTimer != null) {
            byeTimer.cancel();
            byeTimer = null;
        }
    }

    /** Takes one frame of a wire; ignored when the wire is not the present one (rule 4). */
    void receive(Wire wire, Buffer frame) {
        if (!machine.current(wire) || session.over()) {
            return;
        }
        session.followed();
        int most = session.engine().options().session().frame();
        if (frame.length() > most) {
            FrameTrace.in(session.id(), wire.transport(), 0, frame, most);
            session.dropWire(CloseReason.TOO_LARGE);
            return;
        }
        Codec.Head head = session.codec().scan(frame);
        FrameTrace.in(session.id(), wire.transport(), head.counted() ? machine.countedOnWire() + 1 : 0, frame, most);
        if (!head.counted()) {
            uncounted(frame, true);
            pump();
            return;
        }
        switch (machine.arrivesOnWire()) {
            case REPEAT -> {
                machine.passedOnWire();
                // A late POST brought it first. Its answer may have found nobody, so the client hears of it here.
                session.downlink().accepted();
            }
            case AHEAD -> session.dropWire(CloseReason.OUT_OF_STEP);
            case NEXT -> {
                if (inbox.size() >= session.engine().options().session().inbox()) {
                    session.dropWire(CloseReason.INBOX_FULL);
                    return;
                }
                machine.passedOnWire();
                accept(frame, head);
                session.downlink().accepted();
            }
        }
        pump();
    }

    /**
     * Takes the body of a POST.
     *
     * @param first the number of its first counted frame, or 0 when not stated
     * @param body one frame or an array
     * @param handed the client's downstream count, or -1 when not stated
     * @return the upstream count after it
     * @throws Refusal when nothing of it was consumed, or the session ended for abuse in the middle of it
     */
    long post(long first, Buffer body, long handed) {
        if (session.expired()) {
            // There is no wire to take away between two polls.
            throw Access.unauthenticated();
        }
        session.followed();
        Post post;
        try {
            post = Post.examine(session, machine, inbox.size(), first, body);
        } catch (Refusal refused) {
            // None of its frames is charged, so it is charged itself: whoever sends only such bodies must not do so for
            // free.
            chargePost(body.length());
            throw refused;
        }
        List<Buffer> frames = post.frames();
        List<Codec.Head> heads = post.heads();
        if (frames.isEmpty()) {
            chargePost(body.length());
        }
        if (handed >= 0) {
            received(handed);
        }
        long number = first;
        for (int i = 0; i < frames.size() && !session.over(); i++) {
            if (!heads.get(i).counted()) {
                uncounted(frames.get(i), false);
            } else if (machine.arrives(number++) == SessionMachine.Arrival.NEXT) {
                accept(frames.get(i), heads.get(i));
                // One by one, as on a wire: what was accepted takes effect though a later frame may be abuse.
                pump();
            }
        }
        pump();
        if (session.over()) {
            endedMeanwhile();
        }
        return machine.received();
    }

    /** Charges a POST without frames to be charged as one uncounted frame, or refuses it. */
    private void chargePost(int size) {
        SessionLimiter.Verdict verdict = chargeControl(size);
        if (verdict.kind() == SessionLimiter.Verdict.Kind.ABUSE) {
            endedMeanwhile();
        }
        if (!verdict.ok()) {
            throw new Refusal(
                    ErrorCode.RATE_LIMITED,
                    CloseReason.TRY_LATER,
                    "Too many POSTs.",
                    Math.max(1, verdict.retryAfter()),
                    machine.received(),
                    null);
        }
    }

    /** After the client's own {@code bye} there is no reason to tell, and the count is the answer (R40). */
    private void endedMeanwhile() {
        ErrorCode why = session.engine()
                .registry()
                .why(session.id(), session.secret(), session.loop().now());
        if (why != ErrorCode.UNKNOWN) {
            throw new Refusal(why, CloseReason.EXPIRED, "The session has ended.");
        }
    }

    private void accept(Buffer frame, Codec.Head head) {
        long number = machine.accept();
        long now = session.loop().now();
        SessionLimiter.Verdict verdict = limiter.charge(now, frame.length(), session.tab(), true);
        active = now;
        if (verdict.ok()) {
            // A slice of a read buffer would keep all of it alive for as long as the frame waits, which it does while
            // another one is under way.
            inbox.add(new Accepted(busy ? frame.copy() : frame, number));
            return;
        }
        session.engine().counters().rateLimited();
        String id = head.id().isEmpty() ? null : head.id();
        session.refuse(
                ErrorCode.RATE_LIMITED,
                "Too many frames or bytes.",
                id,
                null,
                number,
                Math.max(1, verdict.retryAfter()));
        if (verdict.kind() == SessionLimiter.Verdict.Kind.ABUSE) {
            session.end(CloseReason.POLICY);
        }
    }

    /** Lets accepted frames take effect, in order: the next starts when the broker call of the one before was issued (R29). */
    private void pump() {
        while (!busy && !holding && !session.over()) {
            if (inbox.isEmpty()) {
                break;
            }
            Accepted next = inbox.removeFirst();
            Future<Void> effect = dispatcher.dispatch(next.bytes(), next.number());
            if (!effect.isComplete()) {
                busy = true;
                current = next;
                effect.onComplete(done -> session.loop().run(() -> {
                    busy = false;
                    current = null;
                    held();
                    pump();
                }));
            }
        }
        finishBye();
    }

    /** Charges something that is no counted frame; when it is one too many for the server's patience, the session is over. */
    private SessionLimiter.Verdict chargeControl(int size) {
        if (controls == null) {
            controls = new SessionLimiter(
                    session.engine().options().session().rate(), session.loop().now());
        }
        SessionLimiter.Verdict verdict = controls.charge(session.loop().now(), size, session.tab(), false);
        if (!verdict.ok()) {
            session.engine().counters().rateLimited();
            if (verdict.kind() == SessionLimiter.Verdict.Kind.ABUSE) {
                session.end(CloseReason.POLICY);
            }
        }
        return verdict;
    }

    private void uncounted(Buffer bytes, boolean onWire) {
        if (!chargeControl(bytes.length()).ok()) {
            return;
        }
        ClientFrame frame;
        try {
            frame = session.codec().decode(bytes);
        } catch (ProtocolException e) {
            bad(e, 0);
            return;
        }
        if (frame instanceof ClientFrame.Received received) {
            received(received.count());
        } else if (frame instanceof ClientFrame.Ping ping) {
            if (inStep(ping.count(), onWire)) {
                session.downlink().pong(ping.id());
            }
        } else if (frame instanceof ClientFrame.Pong pong) {
            inStep(pong.count(), onWire);
        } else if (frame instanceof ClientFrame.Bye bye) {
            bye(bye.sent());
        } else {
            session.refuse(ErrorCode.BAD_FRAME, "The session is open already.", null, null, 0, 0);
        }
    }

    /** Compares the client's own count with ours; only on a wire, where frames and counts come in one order (R39). */
    private boolean inStep(long count, boolean onWire) {
        if (!onWire || count < 0 || count == machine.countedOnWire()) {
            return true;
        }
        session.dropWire(CloseReason.OUT_OF_STEP);
        return false;
    }

    private void received(long count) {
        if (!session.outbox().acknowledge(count)) {
            session.dropWire(CloseReason.OUT_OF_STEP);
            return;
        }
        if (session.outbox().ready()) {
            session.downlink().due();
        }
    }

    private void bye(long sent) {
        byeSent = Math.max(sent, 0);
        if (byeTimer != null) {
            // Said twice: the first one's timer would outlive a new attach.
            byeTimer.cancel();
        }
        byeTimer = session.loop().after(BYE_WAIT, () -> session.end(CloseReason.NORMAL));
    }

    private void finishBye() {
        if (byeSent >= 0 && machine.received() >= byeSent && inbox.isEmpty() && !busy) {
            session.end(CloseReason.NORMAL);
        }
    }

    /** Answers a frame that is no good. */
    void bad(ProtocolException e, long number) {
        session.engine().counters().badFrame();
        LOG.info(
                "bad_frame session={} transport={} frame={} code={}",
                session.id(),
                session.transport(),
                number,
                e.code().wire());
        session.refuse(e.code(), e.text(), e.id(), null, number, e.retryAfter());
    }

    /** Lets nothing new begin; completes when nothing is under way. On the loop. */
    Future<Void> hold() {
        holding = true;
        if (!busy) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = Promise.promise();
        issued = promise;
        return promise.future();
    }

    private void held() {
        if (issued != null) {
            issued.tryComplete();
            issued = null;
        }
    }

    /** Answers what is under way, because its own answer will find nobody. */
    void giveUp() {
        Accepted late = current;
        if (late != null) {
            String id = session.codec().scan(late.bytes()).id();
            session.refuse(ErrorCode.UNAVAILABLE, Calls.UNKNOWN, id.isEmpty() ? null : id, null, late.number(), 0);
        }
    }

    /** Returns what was accepted and has had no effect. */
    List<Frozen.Accepted> freeze() {
        List<Frozen.Accepted> waiting = new ArrayList<>(inbox.size());
        while (!inbox.isEmpty()) {
            Accepted next = inbox.removeFirst();
            waiting.add(new Frozen.Accepted(next.bytes(), next.number()));
        }
        end();
        return waiting;
    }

    /** Takes over what another node accepted; it takes effect after {@link #goOn}. */
    void thaw(List<Frozen.Accepted> waiting) {
        holding = true;
        waiting.forEach(next -> inbox.add(new Accepted(next.bytes(), next.number())));
    }

    /** Lets what was taken over take effect. */
    void goOn() {
        holding = false;
        pump();
    }

    /** Forgets what waits. */
    void end() {
        inbox.clear();
        if (byeTimer != null) {
            byeTimer.cancel();
        }
    }
}
