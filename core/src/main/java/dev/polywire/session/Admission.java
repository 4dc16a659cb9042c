package dev.polywire.session;

import dev.polywire.LimitOptions;
import dev.polywire.Principal;
import dev.polywire.limit.Account;
import dev.polywire.limit.SharedLimits;
import dev.polywire.limit.Tab;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Quota;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway.Reader;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is asked before anybody is let in: whether the node has room, and whether the client's address and user may have more. */
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private final Engine engine;
    private final LimitOptions options;
    private final SharedLimits shared;
    private final AtomicBoolean hinted = new AtomicBoolean();

    Admission(Engine engine) {
        this.engine = engine;
        this.options = engine.options().limits();
        this.shared = new SharedLimits(options);
    }

    /** Refuses everybody while the engine closes, or has not joined the other nodes yet. */
    void refuseWhenClosing() {
        Nodes nodes = engine.nodes();
        if (nodes != null && !nodes.joined()) {
            throw Nodes.later();
        }
        if (engine.closing()) {
            throw new Refusal(ErrorCode.UNAVAILABLE, CloseReason.RESTART, "The server shuts down.", 1000, -1, null);
        }
    }

    /** Refuses who is not here already while those who are go elsewhere: they come back to another node, and resume there. */
    void refuseWhenDraining() {
        if (engine.draining()) {
            throw later(ErrorCode.UNAVAILABLE, "The server is about to stop.", 200, 2000);
        }
    }

    /** Charges a connection to its address, whatever becomes of it, or refuses it. */
    void connect(Handshake who) {
        limited(shared.connect(who.remoteAddress(), engine.now()), who, "Too many connections.");
    }

    /** Charges a new session to its address, or refuses it; before anybody finds out whose it is, which may cost a lot. */
    void open(Handshake who) {
        refuseWhenOverloaded();
        limited(shared.open(who.remoteAddress(), engine.now()), who, "Too many new sessions.");
    }

    /** Charges a request for a ticket to its address, or refuses it; a node that takes nobody in hands out none. */
    void ticket(Handshake who) {
        refuseWhenClosing();
        refuseWhenOverloaded();
        connect(who);
    }

    private void refuseWhenOverloaded() {
        if (engine.overload().open()) {
            engine.counters().refusedByOverload();
            throw later(ErrorCode.UNAVAILABLE, "The server has too much to do.", 5000, 10_000);
        }
    }

    /** Shares the limits of users and addresses with other nodes; before anybody comes. */
    void share(Quota quota) {
        shared.share(quota, engine::now);
    }

    /** Returns the limits of users and addresses. */
    SharedLimits shared() {
        return shared;
    }

    /** Waits until this node knows what it has to of the sessions that a user and an address have elsewhere, for as long as that does not take long. */
    Future<Principal> known(Handshake who, Future<Principal> let) {
        if (!shared.shared()) {
            return let;
        }
        return let.compose(principal -> {
            Future<Void> known = shared.known(who.remoteAddress(), principal.id(), engine.now());
            return known.isComplete() ? let : engine.here(known).map(principal);
        });
    }

    /** Counts a new session of a user and an address; refuses the newest when there are too many. */
    Tab enterNew(Handshake who, Principal principal) {
        return entered(who, shared.enter(who.remoteAddress(), principal.id(), engine.now()));
    }

    /** Counts a session that comes from another node; refuses it when there are too many here. */
    Tab enter(Handshake who, Principal principal) {
        return entered(who, shared.enterFromElsewhere(who.remoteAddress(), principal.id(), engine.now()));
    }

    private Tab entered(Handshake who, @Nullable Tab tab) {
        if (tab == null) {
            refused(who);
            throw later(ErrorCode.RATE_LIMITED, "Too many sessions of one user or address.", 5000, 10_000);
        }
        return tab;
    }

    /** Charges an attach to the session; returns null, or why it is refused; on the session's loop. */
    @Nullable
    Refusal attach(LiveSession session) {
        long wait = session.tab().attach(engine.now());
        if (wait == 0) {
            return null;
        }
        engine.counters().refusedConnect();
        return later(ErrorCode.RATE_LIMITED, "Too many attaches or polls.", wait, wait);
    }

    /** Refuses a session because the node is full. */
    static Refusal full() {
        return later(ErrorCode.UNAVAILABLE, "The server is full.", 1000, 5000);
    }

    /** The session is attached to from an address that may be another one; on its loop. */
    void moved(LiveSession session, Handshake who) {
        shared.moved(session.tab(), who.remoteAddress(), engine.now());
    }

    /** Counts what an attach brings as long as it lasts, if it is a poll. */
    Future<Attachment> poll(Handshake who, Connection connection, Supplier<Future<Attachment>> attach) {
        if (connection.streams()) {
            return attach.get();
        }
        Account account = enterRead(who);
        return whileIn(account, attach).map(made -> new Counted(made, account));
    }

    /** Charges a bare read to its address and counts it as long as it lasts, or refuses it. */
    Future<Reader> read(Handshake who, Supplier<Future<Reader>> begin) {
        refuseWhenClosing();
        refuseWhenOverloaded();
        Account account = enterRead(who);
        return whileIn(account, begin).map(made -> new Reader(new Counted(made.attachment(), account), made.cursor()));
    }

    private Account enterRead(Handshake who) {
        Account account = shared.read(who.remoteAddress(), engine.now());
        if (account == null) {
            refused(who);
            throw later(ErrorCode.RATE_LIMITED, "Too many polls at a time.", 1000, 3000);
        }
        return account;
    }

    private static <T> Future<T> whileIn(Account account, Supplier<Future<T>> begin) {
        try {
            return begin.get().onFailure(refused -> account.leaveRead());
        } catch (Throwable e) {
            account.leaveRead();
            throw e;
        }
    }

    private void limited(long wait, Handshake who, String message) {
        if (wait > 0) {
            refused(who);
            // Those who are told the same moment would all come at once.
            throw later(ErrorCode.RATE_LIMITED, message, wait, wait + 1000);
        }
    }

    private static Refusal later(ErrorCode code, String message, long low, long high) {
        long millis = ThreadLocalRandom.current().nextLong(low, high + 1);
        return new Refusal(code, CloseReason.TRY_LATER, message, millis, -1, null);
    }

    private void refused(Handshake who) {
        engine.counters().refusedConnect();
        if (options.address().trustedProxies().isEmpty()
                && (who.headers().contains("X-Forwarded-For") || who.headers().contains("Forwarded"))
                && hinted.compareAndSet(false, true)) {
            LOG.warn(
                    "An address was refused because of limits.address that says it passes on requests of others. If {} is your"
                            + " proxy, name it in limits.address.trustedProxies; until then all clients behind it count as one.",
                    who.remoteAddress());
        }
    }

    /** Returns of how many addresses something is remembered. */
    int addresses() {
        return shared.addresses();
    }

    /** An attachment that is counted until its connection is gone. */
    private static final class Counted implements Attachment {
        private final Attachment attachment;
        private @Nullable Account account;

        Counted(Attachment attachment, Account account) {
            this.attachment = attachment;
            this.account = account;
        }

        @Override
        public void receive(Buffer frame) {
            attachment.receive(frame);
        }

        @Override
        public void closed(CloseReason reason) {
            Account counted = account;
            account = null;
            if (counted != null) {
                counted.leaveRead();
            }
            attachment.closed(reason);
        }
    }
}
