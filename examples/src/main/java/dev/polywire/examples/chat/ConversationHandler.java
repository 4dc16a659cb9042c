package dev.polywire.examples.chat;

import dev.polywire.ChannelHandler;
import dev.polywire.Session;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rooms and conversations of two: what a page begins with, and what may be said. A message is published as {@code ADDED}, {@code UPDATED}
 * or {@code DELETED}; what subscribers get is not what the client sent but the message as the server has it now.
 */
final class ConversationHandler implements ChannelHandler {
    /** With how many messages a page begins. */
    static final int FIRST = 60;

    private final Names names;
    private final Rooms rooms;
    private final Pace pace;
    private final LongSupplier clock;

    ConversationHandler(Names names, Rooms rooms, Pace pace, LongSupplier clock) {
        this.names = names;
        this.rooms = rooms;
        this.pace = pace;
        this.clock = clock;
    }

    @Override
    public Future<@Nullable Object> onSubscribe(Session session, String channel) {
        return Future.succeededFuture(rooms.page(channel, Long.MAX_VALUE, FIRST));
    }

    @Override
    public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
        ServerFrame.Message frame = publication.message();
        Person author = names.person(session.principal().id());
        if (author == null) {
            throw Refused.forbidden("You are not known here any more. Sign in again.");
        }
        if (!(frame.payload().value() instanceof JsonObject said)) {
            throw Refused.bad("A message is an object.");
        }
        long wait = pace.use(author.id());
        if (wait > 0) {
            throw Refused.tooFast("You are sending too fast.", wait);
        }
        Rooms.Written written = rooms.write(String.valueOf(frame.channel()), change(frame.event(), author, said));
        Payload payload = Payload.of(written.message().toJson());
        return written.kept()
                .map(kept -> new Broker.Publication(
                        new ServerFrame.Message(
                                frame.channel(),
                                frame.event(),
                                payload,
                                frame.timestamp(),
                                0,
                                frame.user(),
                                null,
                                frame.sentAt(),
                                null,
                                null,
                                1),
                        publication.keep(),
                        publication.dedupe(),
                        null));
    }

    private Function<Conversation, Message> change(@Nullable String event, Person author, JsonObject said) {
        String id = text(said, "id");
        String text = text(said, "text");
        long now = clock.getAsLong();
        return switch (event == null ? "" : event) {
            case "ADDED" -> conversation -> conversation.add(author, id, text, now);
            case "UPDATED" -> conversation -> conversation.edit(author, id, text, now);
            case "DELETED" -> conversation -> conversation.delete(author, id);
            default -> throw Refused.bad("A message is ADDED, UPDATED or DELETED.");
        };
    }

    static @Nullable String text(JsonObject json, String name) {
        return json.getValue(name) instanceof String text ? text : null;
    }
}
