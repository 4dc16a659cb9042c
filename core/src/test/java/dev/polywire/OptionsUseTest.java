package dev.polywire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What options say once they are set; how they are set is tested in {@link OptionsTest}. */
class OptionsUseTest {

    @Test
    @DisplayName("a copy shares nothing with what it was copied from")
    void copiesAreDeep() {
        RealtimeOptions original = OptionsTest.unusual();
        JsonObject before = original.toJson();
        RealtimeOptions copy = new RealtimeOptions(original);
        assertThat(copy.toJson()).isEqualTo(before);
        copy.port(1).namespace("more", new ChannelOptions());
        copy.session().inbox(99).rate(RateLimit.DEFAULT);
        copy.eventBus().address("other");
        copy.channel().presence(true);
        copy.namespaces().get("chat").historySize(99);
        assertThat(original.toJson()).isEqualTo(before);

        ChannelOptions given = new ChannelOptions();
        RealtimeOptions taker = new RealtimeOptions().namespace("chat", given);
        given.presence(true);
        assertThat(taker.channelOptions("chat:1").presence()).isFalse();
    }

    @Test
    @DisplayName("a channel has the options of its namespace, or else the general ones")
    void namespaces() {
        RealtimeOptions options = OptionsTest.unusual();
        assertThat(options.channelOptions("chat:1:2").historySize()).isEqualTo(7);
        assertThat(options.channelOptions("chat").historySize()).isEqualTo(7);
        assertThat(options.channelOptions("chats:1").historySize()).isEqualTo(6);
    }

    @Test
    @DisplayName("requests reach the addresses that are named, and those that begin with a named prefix")
    void permits() {
        EventBusOptions options = new EventBusOptions().requests(List.of("time", "orders.*"));
        assertThat(Stream.of("time", "orders.", "orders.get").allMatch(options::permits))
                .isTrue();
        assertThat(Stream.of("times", "tim", "orders", "", "secret").anyMatch(options::permits))
                .isFalse();
        assertThat(new EventBusOptions().permits("time")).isFalse();
    }

    @Test
    @DisplayName("a host's server is told what belongs to the options")
    void appliesToServers() {
        HttpServerOptions server = new RealtimeOptions()
                .session(new SessionOptions().frame(100_000))
                .applyTo(new HttpServerOptions());
        assertThat(server.getMaxWebSocketFrameSize()).isEqualTo(100_000);
        assertThat(server.getMaxWebSocketMessageSize()).isEqualTo(100_000);
        assertThat(server.getWebSocketSubProtocols()).contains("polywire.1.json");
        assertThat(server.isCompressionSupported()).isFalse();
    }

    @Test
    @DisplayName("an offer's heartbeat is at least a millisecond")
    void offerHeartbeat() {
        for (Duration bad : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofNanos(1))) {
            assertThatThrownBy(() -> new TransportChoice.Offer(List.of("sse"), bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("The heartbeat of an offer must be .*\\.");
        }
        assertThat(new TransportChoice.Offer(List.of("sse"), null).heartbeat()).isNull();
    }

    @Test
    @DisplayName("a channel may not keep more than there is room for all")
    void historyMemory() {
        RealtimeOptions options = new RealtimeOptions().broker(new BrokerOptions().historyMemory(1_000_000));
        options.check();
        options.namespace("chat", new ChannelOptions().historySize(10));
        assertThatThrownBy(options::check)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("historyBytes of the namespace chat (8388608) must not be more than broker.historyMemory"
                        + " (1000000), which is for all channels.");
        options.namespace("chat", new ChannelOptions().historySize(10).historyBytes(1_000_000));
        options.check();
    }
}
