package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client of a Polywire server: one session, and the wire that it has at the moment. While the session lives, changing the wire, or
 * losing it for a while, neither loses, repeats nor reorders a message, in either direction.
 *
 * <p>May be used from any thread. Handlers are called, and futures complete, in one context of Vert.x: the one in which the client was
 * made, when that is an event loop's, or else one of its own. A handler must not block it. Once {@linkplain #close closed} or failed, a
 * client stays so; make another. One that was made in a verticle is closed when that is undeployed, any other with Vert.x; what is still
 * queued is then not waited for, so close it before, in {@code stop()}, where that matters.
 */
public interface PolywireClient {
    /**
     * What the client does now.
     *
     * @param state what it does
     * @param transport the wire in use, or null
     * @param error why a wire, or the session, ended; null for none
     */
    record StateChange(
            State state,
            @Nullable String transport,
            @Nullable PolywireException error) {}

    /**
     * The session has another wire.
     *
     * @param transport its name
     * @param previous that of the one before, or null for the first
     */
    record TransportChange(String transport, @Nullable String previous) {}

    /**
     * The session was lost, and another was opened.
     *
     * @param reason why: one of section 7 of the protocol, or {@code unknown}
     * @param session the new one's public id
     */
    record Reset(String reason, String session) {}

    /**
     * Something that cannot be known to have arrived.
     *
     * @param reason {@code outcome_unknown}, or why the server or the client could not go on
     * @param frame what was sent, as the protocol writes it; null when it is the server's frames that will not come
     * @param count how many of the server's frames will not come, or 0
     */
    record Loss(String reason, @Nullable JsonObject frame, long count) {}

    /**
     * The token ends, and there is no function for a new one, or it failed (it is tried again while there is time).
     *
     * @param expiresIn when
     * @param error what failed, or null
     */
    record Expiring(Duration expiresIn, @Nullable Throwable error) {}

    /**
     * A question of the server's application.
     *
     * @param event what it is about
     * @param payload its data, JSON
     * @param timeout how long the server waits; zero when it did not say
     */
    record Question(@Nullable String event, @Nullable Object payload, Duration timeout) {}

    /** Makes a client with the default options, as {@link #create(Vertx, String, ClientOptions)} does. */
    static PolywireClient create(Vertx vertx, String url) {
        return create(vertx, url, new ClientOptions());
    }

    /**
     * Makes a client, which connects when it is told to. What is written before that waits.
     *
     * @param vertx carries it
     * @param url of the server's mount path, {@code http}, {@code https}, {@code ws} or {@code wss}, as {@code http://localhost:8080/realtime}
     * @param options copied
     * @throws IllegalArgumentException with a sentence, when the URL is none of those
     */
    static PolywireClient create(Vertx vertx, String url, ClientOptions options) {
        return LiveClient.create(vertx, url, options);
    }

    /**
     * Opens the session, and keeps it from then on.
     *
     * @return completes once the session is open; fails when that will never be. The same each time
     */
    Future<Void> connect();

    /** Returns what the client is doing. */
    State state();

    /** Returns the name of the wire in use, or null. */
    @Nullable
    String transport();

    /** Returns the session's public id, or null before there is one. */
    @Nullable
    String sessionId();

    /** Returns who the server says that we are, or null when it does not know. */
    @Nullable
    String user();

    /**
     * Returns a channel: the same object for as long as it is subscribed, listened to, or referred to by the application.
     *
     * @param name as {@code chat:42}: 1 to 128 characters without spaces
     */
    Channel channel(String name);

    /**
     * Returns a channel that asks for a token of its own.
     *
     * @param name its name
     * @param tokens asked for every subscribe, also in a new session, in the client's context; one that fails, fails the subscribe
     */
    Channel channel(String name, Supplier<Future<String>> tokens);

    /** Asks the server's application, for thirty seconds, as {@link #request(String, Object, Duration)} does. */
    default Future<@Nullable Object> request(String address, @Nullable Object payload) {
        return request(address, payload, Channel.PATIENCE);
    }

    /**
     * Asks the server's application.
     *
     * @param address 1 to 128 characters
     * @param payload JSON; copied
     * @param timeout from 1 ms; after it the future fails with {@code timeout}
     * @return the reply's payload, JSON. After a lost session it fails with {@code outcome_unknown}, when nobody knows
     */
    Future<@Nullable Object> request(String address, @Nullable Object payload, Duration timeout);

    /**
     * Answers questions of the server's application; without a handler they are answered {@code not_found}.
     *
     * @param handler its future's result, JSON, is the answer. A {@link PolywireException} is told to the server as it is, any other
     *     failure as {@code internal}
     */
    void onRequest(Function<Question, ? extends Future<?>> handler);

    /** Gives the server a new token from the options' function, or the fixed one again, without a new wire. */
    Future<Void> refresh();

    /**
     * Gives the server a new token, without a new wire. Further wires are opened with it, when there is no function.
     *
     * @param token of the same user
     */
    Future<Void> refresh(String token);

    /**
     * Moves the session to a wire and keeps it there while that works. The old wire is in use until the new one is.
     *
     * @param transport one of {@link ClientOptions#TRANSPORTS} that the options allow; null for the best there is
     */
    Future<Void> switchTo(@Nullable String transport);

    /** Cuts the wire as a broken network would, without a word to the server: for tests and demonstrations. */
    void dropWire();

    /** Ends the session. What was queued is sent first, if there is a wire. Completes when that is over, after two seconds at the latest. */
    Future<Void> close();

    /**
     * Listens to changes of the state; until there is a session also to each attempt that fails: {@link State#CONNECTING} with
     * its error. What is returned by this, and by all that follow, stops listening when it is run.
     */
    Runnable onState(Handler<StateChange> handler);

    /** Listens to changes of the wire. */
    Runnable onTransport(Handler<TransportChange> handler);

    /** Listens to sessions that go on after a wire was replaced or lost; is told the wire. */
    Runnable onResumed(Handler<String> handler);

    /** Listens to lost sessions. Channels are subscribed again by themselves, from their positions. */
    Runnable onReset(Handler<Reset> handler);

    /** Listens to what cannot be known to have arrived. */
    Runnable onLost(Handler<Loss> handler);

    /** Listens to gaps of all channels. */
    Runnable onGap(Handler<Gap> handler);

    /** Listens to messages to this session alone. */
    Runnable onMessage(Handler<Message> handler);

    /** Listens to tokens that end. */
    Runnable onExpiring(Handler<Expiring> handler);

    /** Listens to errors without a question, and to what handlers throw; without a listener those are logged. */
    Runnable onError(Handler<Throwable> handler);
}
