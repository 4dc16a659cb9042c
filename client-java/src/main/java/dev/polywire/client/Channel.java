package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel of a client: its subscription, position, members and messages. Get one from {@link PolywireClient#channel}. May be used from
 * any thread; handlers are called, and futures complete, in the client's context, and handlers in the order of the messages. What a
 * handler throws is told to {@link PolywireClient#onError}.
 */
public interface Channel {
    /**
     * What a subscribe is answered.
     *
     * @param position where the messages that follow begin; null in a channel without history
     * @param recovered when a position was given: whether exactly what follows it comes
     * @param already whether the session was subscribed before
     * @param members who is here; null when the channel has no presence
     * @param count how many they are
     * @param snapshot what the server's application supplied, or null
     */
    record Subscribed(
            @Nullable Position position,
            boolean recovered,
            boolean already,
            @Nullable List<Member> members,
            long count,
            @Nullable Object snapshot) {}

    /**
     * What a publish is answered.
     *
     * @param position of the message; null when it is not stored, or no answer was asked for
     * @param duplicate whether one with the same id was published before
     */
    record Published(@Nullable Position position, boolean duplicate) {}

    /**
     * Who is here.
     *
     * @param members null when only their number was asked for; in a large channel those that came first
     * @param count of all
     */
    record Present(@Nullable List<Member> members, long count) {}

    /**
     * A change of the members.
     *
     * @param member who came, left or changed its state
     * @param count how many there are now
     * @param edge whether it is its user's first session here on joining, or last on leaving
     */
    record Change(Member member, long count, boolean edge) {}

    /**
     * Messages of the history.
     *
     * @param messages in the order asked for; confirming them does nothing
     * @param position the top of the channel
     * @param more whether there is more in that direction
     */
    record History(List<Message> messages, @Nullable Position position, boolean more) {}

    /** Returns the channel's name, as {@code chat:42}. */
    String name();

    /** Returns whether the server has confirmed the subscription. */
    boolean subscribed();

    /** Returns up to which place messages were handed over; null in a channel without history, and before a subscription. */
    @Nullable
    Position position();

    /** Returns what the server's application supplied on subscribing, or null. */
    @Nullable
    Object snapshot();

    /** Returns the members as last told; empty in a channel without presence. */
    List<Member> members();

    /** Returns how many members there are, which may be more than are listed. */
    long count();

    /** Subscribes as {@link #subscribe(Position)} without a position: to what is published from now on. */
    default Future<Subscribed> subscribe() {
        return subscribe(null);
    }

    /**
     * Subscribes. From then on the channel is kept subscribed over all wires, and, from its position, in a new session.
     *
     * @param position go on after this message; null for what is published from now on
     * @return the server's answer; that of the subscription when there is one
     */
    Future<Subscribed> subscribe(@Nullable Position position);

    /** Unsubscribes. Succeeds also when it was not subscribed. */
    Future<Void> unsubscribe();

    /**
     * Publishes a message with an answer, once however often it has to be sent.
     *
     * @param event the application's name for what has happened, at most 128 characters, or null
     * @param payload JSON: a JsonObject, JsonArray, Map, List, String, Number, Boolean or null; copied
     * @return completes when the server has taken it in
     */
    default Future<Published> publish(@Nullable String event, @Nullable Object payload) {
        return publish(event, payload, new PublishOptions());
    }

    /** Publishes a message as {@link #publish(String, Object)} does, with options. */
    Future<Published> publish(@Nullable String event, @Nullable Object payload, PublishOptions options);

    /** Asks who is here. */
    Future<Present> presence();

    /** Asks how many are here, which costs less than the list. */
    Future<Present> presenceCount();

    /**
     * Sets our own state here, such as {@code "away"}; it is set again in a new session, unless it was refused.
     *
     * @param state JSON
     */
    Future<Void> setState(@Nullable Object state);

    /**
     * Reads from the channel's history.
     *
     * @param since begins after this place; null at the beginning, or with {@code reverse} at the top
     * @param limit at most so many messages, 1 to 1000
     * @param reverse newest first
     */
    Future<History> history(@Nullable Position since, int limit, boolean reverse);

    /**
     * Listens to messages.
     *
     * @param event the event, or {@code *} for all messages
     * @return stops listening, when run
     */
    Runnable on(String event, Handler<Message> handler);

    /** Listens to the server's confirmation of a subscription, also in a new session, and to snapshots that it brings afresh. */
    Runnable onSubscribed(Handler<Subscribed> handler);

    /**
     * Listens to the end of a subscription that was not asked for; the failure's code says why. A channel that the server lost is no such
     * end: it is subscribed again, from its position.
     */
    Runnable onUnsubscribed(Handler<PolywireException> handler);

    /** Listens to gaps of this channel. */
    Runnable onGap(Handler<Gap> handler);

    /** Listens to members that come. */
    Runnable onJoin(Handler<Change> handler);

    /** Listens to members that leave. */
    Runnable onLeave(Handler<Change> handler);

    /** Listens to members that change their state; whole lists come to {@link #onMembers}. */
    Runnable onPresence(Handler<Change> handler);

    /**
     * Listens to whole lists of members: after a gap, when the session has come to another node, when changes were missed, and when
     * they were {@linkplain #presence asked for}. That of a subscription comes to {@link #onSubscribed}. {@link #members} is the list by then.
     */
    Runnable onMembers(Handler<Present> handler);

    /** How long a question waits for its answer. */
    Duration PATIENCE = Duration.ofSeconds(30);
}
