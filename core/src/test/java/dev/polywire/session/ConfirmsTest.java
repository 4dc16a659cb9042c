package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.Channels;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages that are delivered until they are confirmed (R37). */
class ConfirmsTest extends EngineKit {
    private static final long TIMEOUT = 5_000;

    private final List<String> unconfirmed = new CopyOnWriteArrayList<>();

    ConfirmsTest() {
        options.session(new SessionOptions().grace(Duration.ofHours(1)));
        options.channel(new ChannelOptions()
                .slowConsumer(SlowConsumerPolicy.DROP_OLDEST)
                .confirmAttempts(2)
                .confirmTimeout(Duration.ofMillis(TIMEOUT)));
    }

    private Peer subscribed() {
        realtime().channels().handler("jobs", new ChannelHandler() {
            @Override
            public void onUnconfirmed(Session session, String channel, String confirm) {
                unconfirmed.add(confirm);
            }
        });
        Peer peer = open();
        peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"jobs\"]}");
        peer.await("subscribed");
        return peer;
    }

    private void publish(String payload, boolean confirm) {
        Await.get(
                "the publish",
                realtime().channels().publish(new Channels.Outgoing("jobs", null, payload, null, null, confirm, null)));
    }

    private void received(Peer peer, int count) {
        peer.say(new JsonObject().put("type", "received").put("count", count));
        peer.settle();
    }

    /** Lets so much time pass that many attempts would be over. */
    private void passManyTimeouts() {
        for (int i = 0; i < 8; i++) {
            pass(session(), TIMEOUT);
        }
    }

    @Test
    @DisplayName("R37 a client that is away does not use up the attempts: it gets the first copy, and then the second")
    void away() {
        Peer peer = subscribed();
        peer.cut();
        Await.until("the session without its connection", () -> !session().connected());
        publish("work", true);
        passManyTimeouts();
        assertThat(unconfirmed).isEmpty();
        Peer back = peer.resume(1, 1);
        JsonObject first = back.await("message");
        assertThat(first.containsKey("attempt")).isFalse();
        received(back, 2);
        pass(session(), 1_000);
        pass(session(), TIMEOUT);
        JsonObject second = back.await("attempt 2", frame -> frame.getInteger("attempt", 1) == 2);
        assertThat(second.getString("confirm")).isEqualTo(first.getString("confirm"));
        received(back, 3);
        pass(session(), TIMEOUT);
        Await.until("the end of the attempts", () -> unconfirmed.size() == 1);
        assertThat(back.count("message")).isEqualTo(2);
    }

    @Test
    @DisplayName("R37 what is delivered again gives way as the channel's policy says, and does not end the session")
    void slow() {
        options.session(new SessionOptions().frame(256).window(1024).outbox(1024));
        Peer peer = subscribed();
        publish("work", true);
        peer.await("message");
        received(peer, 2);
        for (int i = 0; i < 40; i++) {
            publish("x".repeat(60), false);
        }
        peer.settle();
        passManyTimeouts();
        assertThat(peer.closes).isEmpty();
        assertThat(peer.count("bye")).isZero();
    }

    @Test
    @DisplayName("R37 what is not confirmed in time comes again")
    void again() {
        Peer peer = subscribed();
        publish("work", true);
        peer.await("message");
        received(peer, 2);
        pass(session(), TIMEOUT);
        JsonObject second = peer.await("attempt 2", frame -> frame.getInteger("attempt", 1) == 2);
        peer.say(new JsonObject().put("type", "ack").put("id", second.getString("confirm")));
        received(peer, 3);
        passManyTimeouts();
        assertThat(unconfirmed).isEmpty();
        assertThat(peer.count("message")).isEqualTo(2);
    }
}
