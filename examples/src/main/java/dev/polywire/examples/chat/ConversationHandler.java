package dev.polywire.examples.chat;

import dev.polywire.ChannelHandler;
import dev.polywire.Channels;
import dev.polywire.Session;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rooms and conversations of two: what a page begins with, and what may be said. A message is published as {@code ADDED}, {@code UPDATED}
 * or {@code DELETED}; what subscribers get is not what the client sent but the message as the server has it now.
 */
final class ConversationHandler implements ChannelHandler {
    /** How long an author waits for his message to be written down, milliseconds; less than the ten seconds that the engine waits for a consent. */
    private static final long PATIENCE = 5000;

    private static final Logger LOG = LoggerFactory.getLogger(ConversationHandler.class);

    private final Vertx vertx;
    private final Channels channels;
    private final Names names;
    private final Rooms rooms;
    private final Pace pace;
    private final LongSupplier clock;

    ConversationHandler(Vertx vertx, Channels channels, Names names, Rooms rooms, Pace pace, LongSupplier clock) {
        this.vertx = vertx;
        this.channels = channels;
        this.names = names;
        this.rooms = rooms;
        this.pace = pace;
        this.clock = clock;
    }

    /** Says how far it is read. What was said, a page asks for when it shows it: nobody looks at a hundred rooms at once. */
    @Override
    public Future<@Nullable Object> onSubscribe(Session session, String channel) {
        return Future.succeededFuture(rooms.mine(known(session), channel));
    }

    @Override
    public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
        ServerFrame.Message frame = publication.message();
        Person author = known(session);
        if (!(frame.payload().value() instanceof JsonObject said)) {
            throw Refused.bad("A message is an object.");
        }
        long wait = pace.use(author.id());
        if (wait > 0) {
            throw Refused.tooFast("You are sending too fast.", wait);
        }
        String channel = String.valueOf(frame.channel());
        Rooms.Written written = rooms.write(channel, change(frame.event(), author, said));
        Payload payload = Payload.of(written.message().toJson());
        return inTime(written.kept(), () -> tellLater(channel, frame.event(), payload))
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

    private Person known(Session session) {
        Person who = names.person(session.principal().id());
        if (who == null) {
            throw Refused.forbidden("You are not known here any more. Sign in again.");
        }
        return who;
    }

    /**
     * Bounds what the author waits for. What is written down after that is there all the same, and so it is told then; exactly one of the
     * two happens.
     */
    private Future<Void> inTime(Future<Void> kept, Runnable later) {
        if (kept.isComplete()) {
            return kept;
        }
        Promise<Void> answer = Promise.promise();
        long timer = vertx.setTimer(
                PATIENCE,
                late -> answer.tryFail(Refused.unavailable("It is not written down yet. It appears when it is.")));
        kept.onComplete(result -> {
            vertx.cancelTimer(timer);
            if (result.failed()) {
                answer.tryFail(result.cause());
            } else if (!answer.tryComplete()) {
                later.run();
            }
        });
        return answer.future();
    }

    private void tellLater(String channel, @Nullable String event, Payload payload) {
        channels.publish(channel, String.valueOf(event), payload.value())
                .onFailure(failure -> LOG.warn("What was written late could not be told: {}", failure.getMessage()));
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
