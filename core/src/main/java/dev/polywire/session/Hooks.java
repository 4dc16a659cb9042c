package dev.polywire.session;

import dev.polywire.Session;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Handshake;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log and the application of each session that opens or ends. What the application throws stays here. */
final class Hooks {
    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);

    private volatile Consumer<Session> onConnect = session -> {};
    private volatile BiConsumer<Session, CloseReason> onDisconnect = (session, reason) -> {};

    void onConnect(Consumer<Session> handler) {
        onConnect = handler;
    }

    void onDisconnect(BiConsumer<Session, CloseReason> handler) {
        onDisconnect = handler;
    }

    void connected(LiveSession session, Handshake who) {
        LOG.info(
                "connect session={} user={} transport={} remote={}",
                session.id(),
                Logged.user(session.principal()),
                who.transport(),
                who.remoteAddress());
        try {
            onConnect.accept(session);
        } catch (Throwable e) {
            Faults.contain(e);
            LOG.warn("onConnect failed session={}", session.id(), e);
        }
    }

    void disconnected(LiveSession session, CloseReason reason) {
        LOG.info(
                "disconnect session={} user={} transport={} reason={}",
                session.id(),
                Logged.user(session.principal()),
                session.transport(),
                reason.wire());
        try {
            onDisconnect.accept(session, reason);
        } catch (Throwable e) {
            Faults.contain(e);
            LOG.warn("onDisconnect failed session={}", session.id(), e);
        }
    }
}
