package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.Session;
import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import dev.polywire.conformance.Await;
import dev.polywire.spi.Broker;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a session's frames wait for, and for how long. */
class DispatcherTest extends EngineKit {
    private static final String PUBLISH = "{\"type\":\"publish\",\"id\":\"%s\",\"channel\":\"%s\",\"payload\":1}";

    DispatcherTest() {
        options.channel(new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE));
    }

    @Test
    @DisplayName("an application that never consents to a publish holds the session up for ten seconds, not for ever")
    void consentToPublish() {
        Promise<Broker.Publication> never = Promise.promise();
        realtime().channels().handler("slow", new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                return never.future();
            }
        });
        Peer peer = open();
        peer.say(PUBLISH.formatted("p1", "slow:1"));
        peer.say(PUBLISH.formatted("p2", "quick:1"));
        peer.settle();
        assertThat(peer.count("ack") + peer.count("error")).isZero();
        pass(10_000);
        assertThat(peer.answer("p1").getString("code")).isEqualTo("timeout");
        assertThat(peer.answer("p2").getString("type")).isEqualTo("ack");
        never.complete();
        peer.settle();
        assertThat(peer.frames)
                .filteredOn(frame -> "p1".equals(frame.getString("id")))
                .hasSize(1);
    }

    @Test
    @DisplayName("an error in the application's code refuses the publish, and the next one goes on")
    void errorInConsent() {
        realtime().channels().handler("broken", new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                throw new NoClassDefFoundError("thrown by a test");
            }
        });
        Peer peer = open();
        peer.say(PUBLISH.formatted("p1", "broken:1"));
        peer.say(PUBLISH.formatted("p2", "quick:1"));
        assertThat(peer.answer("p1").getString("code")).isEqualTo("forbidden");
        assertThat(peer.answer("p2").getString("type")).isEqualTo("ack");
    }

    @Test
    @DisplayName("an unsubscribe of several channels is over when all of them are left")
    void leavesAll() {
        options.channel(new ChannelOptions().presence(true).joinLeave(false).publish(ChannelOptions.Publishers.ANYONE));
        Promise<Boolean> slow = Promise.promise();
        PresenceStore presence = standIn(
                PresenceStore.class,
                new MemoryPresence(),
                (method, arguments, real) ->
                        method.getName().equals("leave") && "a".equals(arguments[0]) ? slow.future() : real.call());
        realtime().cluster(new MemoryBroker(options.broker(), now::get), presence);
        Peer peer = open();
        peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"a\",\"b\"]}");
        Await.until("both subscribed", () -> peer.count("subscribed") == 2);
        peer.say("{\"type\":\"unsubscribe\",\"id\":\"u\",\"channels\":[\"a\",\"b\"]}");
        peer.say(PUBLISH.formatted("p", "c"));
        Await.until("both left", () -> peer.count("unsubscribed") == 2);
        peer.settle();
        assertThat(peer.count("ack")).isZero();
        slow.complete(true);
        peer.await("ack");
    }

    @Test
    @DisplayName(
            "a broker that hangs is waited for so long, by so many publishes, and the frames behind them wait in the inbox")
    void hangingBroker() {
        List<Promise<Broker.Receipt>> calls = new CopyOnWriteArrayList<>();
        Broker broker =
                standIn(Broker.class, new MemoryBroker(options.broker(), now::get), (method, arguments, real) -> {
                    if (!method.getName().equals("publish")) {
                        return real.call();
                    }
                    Promise<Broker.Receipt> call = Promise.promise();
                    calls.add(call);
                    return call.future();
                });
        realtime().cluster(broker, new MemoryPresence());
        Peer peer = open();
        for (int i = 1; i <= 100; i++) {
            peer.say(PUBLISH.formatted("p" + i, "c"));
        }
        peer.settle();
        assertThat(calls).hasSize(64);
        calls.get(0).complete(new Broker.Receipt(null, false));
        assertThat(peer.answer("p1").getString("type")).isEqualTo("ack");
        peer.settle();
        assertThat(calls).as("one more may start").hasSize(65);
        pass(session(), options.broker().timeout().toMillis());
        for (int i = 2; i <= 64; i++) {
            assertThat(peer.answer("p" + i).getString("code")).isEqualTo("unavailable");
        }
        Await.until("the rest", () -> calls.size() == 100);
    }
}
