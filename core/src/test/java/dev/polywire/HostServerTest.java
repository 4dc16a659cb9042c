package dev.polywire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpServerOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is set on a host's server, and what the host is warned of. */
class HostServerTest {

    @Test
    @DisplayName("limits and compression of WebSockets are set, and defaults are no disagreement")
    void applies() {
        HttpServerOptions server = new HttpServerOptions();
        assertThat(HostServer.disagreements(new RealtimeOptions(), server)).isEmpty();
        RealtimeOptions options = new RealtimeOptions();
        assertThat(options.applyTo(server)).isSameAs(server);
        assertThat(server.getMaxWebSocketMessageSize())
                .isEqualTo(options.session().frame());
        assertThat(server.getPerMessageWebSocketCompressionSupported()).isFalse();
        assertThat(server.isCompressionSupported()).isFalse();
        assertThat(server.getMaxInitialLineLength()).isEqualTo(16 * 1024);
        options.applyTo(server);
        assertThat(server.getWebSocketSubProtocols()).containsOnlyOnce("polywire.1.json");
    }

    @Test
    @DisplayName("a host's own compression is left on")
    void leavesCompression() {
        HttpServerOptions server = new RealtimeOptions().applyTo(new HttpServerOptions().setCompressionSupported(true));
        assertThat(server.isCompressionSupported()).isTrue();
        assertThat(new RealtimeOptions()
                        .compression(true)
                        .applyTo(new HttpServerOptions())
                        .isCompressionSupported())
                .isTrue();
    }

    @Test
    @DisplayName("each disagreement is a sentence that says what would be right")
    void warns() {
        HttpServerOptions server = new HttpServerOptions()
                .setMaxWebSocketMessageSize(1000)
                .setMaxWebSocketFrameSize(500)
                .setIdleTimeout(10)
                .setCompressionSupported(true);
        assertThat(HostServer.disagreements(new RealtimeOptions(), server))
                .hasSize(4)
                .anyMatch(sentence -> sentence.contains("from 1000 to 65536"))
                .anyMatch(sentence -> sentence.contains("over 50000 ms"));
    }
}
