package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/** Attaches wires to sessions that there are: each poll is such a resume, so the plain one waits for nothing and hops nowhere. */
final class Resuming {
    private final Engine engine;
    private final Gateway gateway;

    Resuming(Engine engine, Gateway gateway) {
        this.engine = engine;
        this.gateway = gateway;
    }

    Future<Attachment> resume(
            LiveSession session,
            Handshake who,
            ClientFrame.@Nullable Hello hello,
            ClientFrame.Resume claim,
            @Nullable String token,
            Connection connection,
            ContextInternal context) {
        gateway.permit(hello == null ? session.offer() : engine.offer(who, hello.capabilities()), who);
        Wire wire = new Wire(connection, context, session.loop(), who.transport());
        boolean bare = hello == null;
        if (session.loop().inLoop()) {
            SecondLook.Fresh believed = engine.access().second().believed(session, token, who);
            if (believed != null) {
                Refusal tooMany = engine.admission().attach(session);
                if (tooMany != null) {
                    throw tooMany;
                }
                SessionMachine.Verdict verdict = commit(session, wire, who, claim, token, bare, believed);
                return answer(verdict, session, who, hello, token, wire, connection, context);
            }
        }
        return decide(session, who, claim, token, bare, wire)
                .compose(verdict -> answer(verdict, session, who, hello, token, wire, connection, context));
    }

    /** Has the session's loop decide, and whoever must be asked. */
    private Future<SessionMachine.Verdict> decide(
            LiveSession session,
            Handshake who,
            ClientFrame.Resume claim,
            @Nullable String token,
            boolean bare,
            Wire wire) {
        Promise<SessionMachine.Verdict> decided = Promise.promise();
        session.loop().run(() -> {
            Refusal tooMany = engine.admission().attach(session);
            if (tooMany != null) {
                decided.fail(tooMany);
                return;
            }
            SessionMachine.Verdict verdict = session.check(claim);
            if (verdict != SessionMachine.Verdict.OK) {
                decided.complete(verdict);
                return;
            }
            if (engine.access().expel(session)) {
                // Its end is on its way here; what this client is told must not depend on which came first.
                decided.complete(SessionMachine.Verdict.LOST);
                return;
            }
            SecondLook look = engine.access().second();
            Future<SecondLook.Fresh> seen = look.again(session, token, who, SecondLook.goesOn(session, wire, bare));
            look.settled(session, seen, who.transport())
                    .map(fresh -> commit(session, wire, who, claim, token, bare, fresh))
                    .onComplete(decided);
        });
        return decided.future();
    }

    private SessionMachine.Verdict commit(
            LiveSession session,
            Wire wire,
            Handshake who,
            ClientFrame.Resume claim,
            @Nullable String token,
            boolean bare,
            SecondLook.Fresh fresh) {
        if (session.hasMoved()) {
            throw Nodes.later();
        }
        if (session.over()) {
            // It ended while its client was being looked at; LOST opens a new one, which is what is left to do.
            return SessionMachine.Verdict.LOST;
        }
        SessionMachine.Verdict verdict = session.check(claim);
        if (verdict == SessionMachine.Verdict.OK) {
            if (fresh.checked()) {
                session.authorized(fresh.principal(), token);
            }
            if (engine.access().expel(session)) {
                return SessionMachine.Verdict.LOST;
            }
            fresh.denied().forEach(session.memberships()::deny);
            session.proven(SecondLook.proves(fresh, token, who) || SecondLook.goesOn(session, wire, bare));
            verdict = session.commit(wire, claim, Greetings.resumed(session));
            engine.admission().moved(session, who);
        }
        return verdict;
    }

    private Future<Attachment> answer(
            SessionMachine.Verdict verdict,
            LiveSession session,
            Handshake who,
            ClientFrame.@Nullable Hello hello,
            @Nullable String token,
            Wire wire,
            Connection connection,
            ContextInternal context) {
        return switch (verdict) {
            case OK -> Future.succeededFuture(new Gateway.Held(session, wire));
            case STALE ->
                Future.failedFuture(new Refusal(
                        ErrorCode.STALE, CloseReason.STALE, "The attach number is not greater than the last one."));
            case LOST -> {
                session.loop().run(() -> session.end(CloseReason.LOST));
                yield gateway.reopen(who, hello, token, connection, context, why(session));
            }
        };
    }

    /** Returns what became of a session that could not be resumed; one that has not ended for a reason of its own is lost. */
    private ErrorCode why(LiveSession session) {
        ErrorCode why = engine.registry().why(session.id(), session.secret(), engine.now());
        return why == ErrorCode.UNKNOWN ? ErrorCode.LOST : why;
    }
}
