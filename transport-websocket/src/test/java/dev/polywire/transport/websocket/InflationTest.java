package dev.polywire.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.DeflateFrameServerExtensionHandshaker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is not known to be bounded is not agreed on. */
class InflationTest {

    private static boolean offered(WebSocketServerExtensionHandler offers, boolean wanted) {
        EmbeddedChannel channel = new EmbeddedChannel(offers, new ChannelInboundHandlerAdapter());
        Inflation.offer(channel.pipeline().lastContext(), wanted);
        boolean offered = channel.pipeline().get(WebSocketServerExtensionHandler.class) != null;
        channel.finishAndReleaseAll();
        return offered;
    }

    @Test
    @DisplayName(
            "compression is agreed on only where it is wanted, and by Netty's own handler, whose inflaters can be bounded")
    void offers() {
        DeflateFrameServerExtensionHandshaker netty = new DeflateFrameServerExtensionHandshaker(6, 0);
        assertThat(offered(new WebSocketServerExtensionHandler(netty), true)).isTrue();
        assertThat(offered(new WebSocketServerExtensionHandler(netty), false)).isFalse();
        assertThat(offered(new WebSocketServerExtensionHandler(netty) {}, true)).isFalse();
    }
}
