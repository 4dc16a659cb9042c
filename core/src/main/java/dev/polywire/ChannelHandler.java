package dev.polywire;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** What an application does when things happen in the channels of a namespace. Called on event loops, so it must not block; an exception is a refusal, and is logged. */
public interface ChannelHandler {

    /**
     * A session wants to subscribe, and the authoriser let it; or it was, and needs the snapshot afresh after a gap, when a refusal with
     * {@code forbidden} takes the channel away. On resume and refresh only the authoriser is asked.
     *
     * @param session the session
     * @param channel the channel
     * @return the snapshot to send along (any JSON value), or null for none; a failure refuses with {@code forbidden}
     */
    default Future<@Nullable Object> onSubscribe(Session session, String channel) {
        return Future.succeededFuture();
    }

    /**
     * Somebody who is not subscribed wants to read a channel, and the authoriser let it: a bare read (curl, {@code EventSource}), or a
     * session that asks for history or members. Such a one is not asked by {@link #onSubscribe}, which may have rules of its own, so
     * by default this refuses in a handler that has an {@code onSubscribe}, and consents in others.
     *
     * @param principal who
     * @param channel the channel
     * @return completes when it may; a failure, or no answer within ten seconds, refuses with {@code forbidden}
     */
    default Future<@Nullable Void> onRead(Principal principal, String channel) {
        return OwnConsent.in(getClass())
                ? Future.failedFuture(new ProtocolException(ErrorCode.FORBIDDEN, "Subscribe to read here."))
                : Future.succeededFuture();
    }

    /**
     * A session has left a channel, or ended.
     *
     * @param session the session
     * @param channel the channel
     */
    default void onUnsubscribe(Session session, String channel) {}

    /**
     * A session wants to publish, and the authoriser let it.
     *
     * @param session the session
     * @param publication the message; may be replaced by another of the same channel
     * @return what to publish; a failure refuses with {@code forbidden}, no answer within ten seconds with {@code timeout}
     */
    default Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
        return Future.succeededFuture(publication);
    }

    /**
     * The first subscriber of this node is there.
     *
     * @param channel the channel
     */
    default void onOccupied(String channel) {}

    /**
     * The last subscriber of this node has gone.
     *
     * @param channel the channel
     */
    default void onVacated(String channel) {}

    /**
     * A client did not confirm a message in the attempts that there are.
     *
     * @param session the session
     * @param channel the channel
     * @param confirm the message's confirm id
     */
    default void onUnconfirmed(Session session, String channel, String confirm) {}
}
