package dev.polywire.session;

import dev.polywire.Session;
import dev.polywire.channel.Encoded;
import dev.polywire.channel.Subscriber;
import dev.polywire.channel.Subscription;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client's session: the state machine, its two queues and what the session is in. Everything happens on its own loop; the
 * methods of {@link Session} may be called from anywhere and hop there.
 */
final class LiveSession extends AddressedSession implements Subscriber {
    /** How long leaving may take, in milliseconds, before the application is told all the same. */
    static final long LEAVING = 5_000;

    private final Engine engine;
    private final EventLoop loop;
    private final Outbox outbox;
    private final SessionMachine machine;
    private final Downlink downlink;
    private final Uplink uplink;
    private final Memberships memberships;
    /** Made when first needed, like {@link #confirms}. */
    private @Nullable Asks asks;

    private @Nullable Confirms confirms;
    private final Calls calls = new Calls(this);
    /** Made for who asks; on the loop only. */
    private @Nullable Promise<Void> ended;

    private boolean gone;

    private volatile boolean over;
    private TimerWheel.@Nullable Timer grace;
    private TimerWheel.@Nullable Timer orphan;
    private TimerWheel.@Nullable Timer idle;

    LiveSession(Engine engine, EventLoop loop, Opening opening) {
        super(engine, loop, opening);
        this.engine = engine;
        this.loop = loop;
        this.memberships = new Memberships(this);
        this.outbox = new Outbox(
                engine.options().session().window(),
                engine.options().session().outbox(),
                codec(),
                memberships::epoch,
                loop.charge());
        this.machine = new SessionMachine(outbox);
        this.downlink = new Downlink(this, outbox, machine);
        this.uplink = new Uplink(this, machine, new Dispatcher(this));
        outbox.onGapTaken(memberships::refresh);
    }

    // ---- attaching -------------------------------------------------------------------------------------------------

    /** Looks at a resume; changes nothing. */
    SessionMachine.Verdict check(ClientFrame.Resume claim) {
        return machine.check(claim);
    }

    /** Attaches a wire in one step (rule 3). When the verdict is not OK, nothing was changed. */
    SessionMachine.Verdict commit(Wire wire, ClientFrame.@Nullable Resume claim, ServerFrame.Welcome template) {
        Object before = machine.wire();
        SessionMachine.Verdict verdict = machine.commit(wire, claim);
        if (verdict != SessionMachine.Verdict.OK) {
            return verdict;
        }
        if (before instanceof Wire old) {
            downlink.retire(old, CloseReason.REPLACED);
        }
        cancel(grace);
        grace = null;
        // The next poll of a client that polls is no more a resume than the next frame of a stream.
        boolean polling = !wire.streams() && wire.transport().equals(transport());
        attached(wire.transport());
        followed();
        if (claim == null) {
            engine.outboxMemory().watch(loop);
            orphan = loop.after(engine.options().session().orphanTimeout().toMillis(), () -> end(CloseReason.EXPIRED));
            rest();
        } else if (!polling) {
            engine.counters().resumed();
        }
        if (wire.streams()) {
            uplink.attached();
        }
        downlink.attached(wire, template, machine.received(), machine.first());
        return verdict;
    }

    /** Waits until the client has been idle for as long as it may be, if there is such a bound. */
    private void rest() {
        long most = engine.options().limits().idle().toMillis();
        if (most > 0) {
            long left = uplink.active() + most - loop.now();
            idle = left > 0 ? loop.after(left, this::rest) : null;
            if (left <= 0) {
                end(CloseReason.DISCONNECTED);
            }
        }
    }

    /** The wire's connection is gone. */
    void closed(Wire wire) {
        if (!machine.detach(wire)) {
            return;
        }
        downlink.detached();
        // Between two polls there is no connection, but nobody would call that disconnected.
        connected(!wire.streams());
        if (!over) {
            await();
        }
    }

    /** Gives the client its grace to come back. */
    private void await() {
        grace = loop.after(engine.options().session().grace().toMillis(), () -> end(CloseReason.EXPIRED));
    }

    /** Drops the present wire; the session stays and its client may attach again. */
    @Override
    void dropWire(CloseReason reason) {
        if (machine.wire() instanceof Wire wire) {
            machine.detach(wire);
            downlink.retire(wire, reason);
            downlink.detached();
            connected(false);
            cancel(grace);
            await();
        }
    }

    /** Something followed the welcome: the client has it. */
    void followed() {
        heard();
        if (orphan != null) {
            orphan.cancel();
            orphan = null;
        }
    }

    // ---- sending ---------------------------------------------------------------------------------------------------

    /** Queues a frame for this session alone; on the loop. */
    @Override
    void enqueue(ServerFrame frame) {
        enqueue(new Encoded(frame, codec()));
    }

    @Override
    void enqueue(Encoded frame) {
        if (over) {
            return;
        }
        if (outbox.offer(frame) == Outbox.Offer.FULL) {
            overflow();
            return;
        }
        downlink.due();
    }

    @Override
    public void deliver(Subscription subscription, Encoded shared) {
        if (over) {
            return;
        }
        Encoded frame = shared.codec() == codec() ? shared : new Encoded(shared.frame(), codec());
        ServerFrame what = frame.frame();
        switch (outbox.offer(frame, subscription.channel(), subscription.policy())) {
            case FULL -> {
                overflow();
                return;
            }
            case DROPPED -> engine.counters().dropped();
            case QUEUED -> {}
        }
        engine.counters().delivered();
        if (what instanceof ServerFrame.Message message) {
            if (message.confirm() != null) {
                confirms().track(subscription, message);
            }
        } else if (what instanceof ServerFrame.Gap gap) {
            engine.counters().gap();
            memberships.moved(gap);
            memberships.refresh(gap.channel());
        }
        downlink.due();
    }

    /** Ends the session because too much waits for its client; on the loop. */
    void overflow() {
        engine.counters().slowConsumer();
        end(CloseReason.SLOW_CONSUMER);
    }

    // ---- ending ----------------------------------------------------------------------------------------------------

    /** Ends the session, once, for a reason; on the loop. */
    void end(CloseReason reason) {
        if (over) {
            return;
        }
        stop();
        if (machine.wire() instanceof Wire wire) {
            machine.detach(wire);
            downlink.finish(wire, reason);
        }
        uplink.end();
        if (asks != null) {
            asks.end();
        }
        if (confirms != null) {
            confirms.end();
        }
        engine.ended(this, reason);
        Promise<Void> left = Promise.promise();
        TimerWheel.Timer late = loop.after(LEAVING, left::tryComplete);
        memberships
                .end()
                .onComplete(done -> loop.run(() -> {
                    late.cancel();
                    left.tryComplete();
                }));
        left.future().onComplete(done -> {
            engine.counters().closed();
            engine.hooks().disconnected(this, reason);
            Promise<Void> asked = ended;
            gone = true;
            if (asked != null) {
                asked.tryComplete();
            }
        });
    }

    /** From here on nothing is accepted, emitted or timed. */
    private void stop() {
        over = true;
        connected(false);
        cancel(grace);
        cancel(orphan);
        cancel(idle);
        tab().leave();
        ended();
    }

    // ---- going on elsewhere ----------------------------------------------------------------------------------------

    /**
     * Becomes what another node goes on with. It has not ended: the application is not told, and presence is not left. On the loop.
     *
     * @return null when it has ended
     */
    Freezing.@Nullable Parting freeze() {
        // What has no answer by now gets one here, as long as there is something to put it into.
        uplink.giveUp();
        calls.giveUp();
        if (asks != null) {
            asks.end();
        }
        if (over) {
            return null;
        }
        stop();
        long handed = outbox.handed();
        Wire wire = machine.wire() instanceof Wire present && machine.detach(present) ? present : null;
        downlink.detached();
        Frozen state = Freezing.state(
                this,
                machine.freeze(),
                outbox.freeze(),
                uplink.freeze(),
                confirms == null ? List.of() : confirms.freeze());
        memberships.handOver();
        engine.registry().moved(this);
        return new Freezing.Parting(state, wire, handed);
    }

    /** Goes on with what another node had, without a wire; completes on the loop when all channels are joined. */
    Future<Void> thaw(Frozen state) {
        outbox.thaw(state.outbox());
        machine.thaw(state.counters());
        uplink.thaw(state.inbox());
        thawed(state);
        return memberships.rejoin(state.channels(), state.confirms());
    }

    /** Begins to wait for its client, and to do what was accepted elsewhere; it can be found by now. */
    void goOn() {
        engine.outboxMemory().watch(loop);
        await();
        rest();
        uplink.goOn();
    }

    private static void cancel(TimerWheel.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Tells whether another node goes on with it. On the loop. */
    boolean hasMoved() {
        return over && machine.frozen();
    }

    // ---- what the parts need ---------------------------------------------------------------------------------------

    Engine engine() {
        return engine;
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    Uplink uplink() {
        return uplink;
    }

    Downlink downlink() {
        return downlink;
    }

    Memberships memberships() {
        return memberships;
    }

    @Override
    Asks asks() {
        Asks made = asks;
        if (made == null) {
            made = new Asks(this);
            asks = made;
        }
        return made;
    }

    Confirms confirms() {
        Confirms made = confirms;
        if (made == null) {
            made = new Confirms(this);
            confirms = made;
        }
        return made;
    }

    Outbox outbox() {
        return outbox;
    }

    /** Returns the bytes kept for the client. May be asked from any thread, which sees them as they were a moment ago. */
    int outboxBytes() {
        return outbox.bytes();
    }

    Calls calls() {
        return calls;
    }

    @Override
    boolean over() {
        return over;
    }

    // ---- what the application sees ---------------------------------------------------------------------------------

    @Override
    public Set<String> channels() {
        return memberships.names();
    }

    @Override
    public Future<Void> close(CloseReason reason) {
        Promise<Void> promise = Promise.promise();
        loop.run(() -> {
            end(reason);
            Promise<Void> before = ended;
            if (gone) {
                promise.complete();
            } else if (before == null) {
                ended = promise;
            } else {
                before.future().onComplete(promise);
            }
        });
        return promise.future();
    }
}
