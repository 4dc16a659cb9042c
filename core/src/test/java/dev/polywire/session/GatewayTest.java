package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.ChannelOptions;
import dev.polywire.EventBusOptions;
import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The way in, and what connections do that are not as they should be. */
class GatewayTest extends EngineKit {

    @Test
    @DisplayName("a connection that throws is closed, and its session can be resumed")
    void throwingConnection() {
        Peer peer = open();
        peer.broken = true;
        peer.say("{\"type\":\"publish\",\"id\":\"p\",\"channel\":\"c\",\"payload\":1}");
        Await.until("the session without its connection", () -> !session().connected());
        assertThat(peer.closes).hasSize(1);
        Peer back = peer.resume(1, 0);
        assertThat(back.answer("p").getString("code")).isEqualTo("forbidden");
    }

    private Future<SessionGateway.Reader> read(Peer peer, boolean fromStart) {
        Handshake who = new Handshake("near", "here", "/", MultiMap.caseInsensitiveMultiMap(), null, null, null);
        SessionGateway to = mounted();
        Promise<SessionGateway.Reader> promise = Promise.promise();
        peer.context.runOnContext(
                on -> to.read(who, List.of("c"), null, fromStart, peer).onComplete(promise));
        return promise.future();
    }

    @Test
    @DisplayName("a bare reader whose connection throws is over")
    void throwingReader() {
        Peer peer = new Peer(vertx.getOrCreateContext());
        Await.get("the reader", read(peer, false));
        peer.broken = true;
        realtime().channels().publish("c", null, "x");
        Await.until("the end of the reader", () -> realtime().stats().getInteger("bareReaders") == 0);
    }

    @Test
    @DisplayName("a bare read that fails on the way is answered")
    void failingReader() {
        options.channel(new ChannelOptions().historySize(10));
        Broker broker =
                standIn(Broker.class, new MemoryBroker(options.broker(), now::get), (method, arguments, real) -> {
                    if (method.getName().equals("read")) {
                        return Future.succeededFuture(new Broker.Slice(List.of(), null, true, false));
                    }
                    return real.call();
                });
        realtime().cluster(broker, new MemoryPresence());
        Peer peer = new Peer(vertx.getOrCreateContext());
        Future<SessionGateway.Reader> reader = read(peer, true);
        Await.until("an answer", reader::isComplete);
        assertThat(reader.failed()).isTrue();
        Await.until("its place", () -> realtime().stats().getInteger("bareReaders") == 0);
    }

    @Test
    @DisplayName("of many that come at the same time no more than the limit are let in")
    void limit() {
        options.limits().sessions(4).address().opens(0);
        mounted();
        for (int round = 0; round < 100; round++) {
            List<Future<Attachment>> opens = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Peer peer = new Peer(((VertxInternal) vertx).createEventLoopContext());
                opens.add(peer.attach("{\"type\":\"hello\",\"versions\":[1]}"));
            }
            Await.until("all answers", () -> opens.stream().allMatch(Future::isComplete));
            assertThat(opens).filteredOn(Future::succeeded).hasSize(4);
            realtime().sessions().all().forEach(session -> session.close(CloseReason.NORMAL));
            Await.until("room", () -> realtime().stats().getInteger("sessions") == 0);
        }
    }

    @Test
    @DisplayName("an error in the choice of transports is an answer, too")
    void errorInChoice() {
        realtime().transportChoice((who, capabilities, general) -> {
            throw new NoClassDefFoundError("thrown by a test");
        });
        Future<Attachment> attach =
                new Peer(vertx.getOrCreateContext()).attach("{\"type\":\"hello\",\"versions\":[1]}");
        Await.until("an answer", attach::isComplete);
        assertThat(attach.failed()).isTrue();
    }

    /** A transport that is not there at first. */
    private static final class Late implements Transport {
        @Override
        public String name() {
            return "late";
        }

        @Override
        public void mount(Router router, SessionGateway gateway) {}
    }

    @Test
    @DisplayName("a mount that failed can be set right and done again, with all that belongs to it")
    void mountAgain() {
        options.transports(List.of("late")).eventBus(new EventBusOptions().enabled(true));
        Assembly realtime = realtime();
        assertThatThrownBy(() -> realtime.mount(Router.router(vertx))).hasMessageContaining("late");
        realtime.transport(new Late());
        realtime.mount(Router.router(vertx));
        JsonObject stats = Await.get(
                        "the numbers", vertx.eventBus().<JsonObject>request("polywire.stats", new JsonObject()))
                .body();
        assertThat(stats.getInteger("sessions")).isZero();
    }
}
