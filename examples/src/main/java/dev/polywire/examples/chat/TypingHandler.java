package dev.polywire.examples.chat;

import dev.polywire.ChannelHandler;
import dev.polywire.Session;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Who is typing. Channels of their own, without history: what was typed an hour ago is nobody's business. */
final class TypingHandler implements ChannelHandler {
    private final Names names;
    private final Pace pace;

    TypingHandler(Names names, Pace pace) {
        this.names = names;
        this.pace = pace;
    }

    @Override
    public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
        ServerFrame.Message frame = publication.message();
        Person who = names.person(session.principal().id());
        if (who == null) {
            throw Refused.forbidden("You are not known here any more. Sign in again.");
        }
        long wait = pace.use(session.id());
        if (wait > 0) {
            throw Refused.tooFast("That is told often enough.", wait);
        }
        boolean typing = frame.payload().value() instanceof JsonObject said && said.getValue("typing") == Boolean.TRUE;
        Payload payload = Payload.of(who.toJson().put("typing", typing));
        return Future.succeededFuture(new Broker.Publication(
                new ServerFrame.Message(
                        frame.channel(),
                        "TYPING",
                        payload,
                        frame.timestamp(),
                        0,
                        frame.user(),
                        null,
                        null,
                        null,
                        null,
                        1),
                publication.keep(),
                publication.dedupe(),
                session.id()));
    }
}
