package dev.polywire;

import io.vertx.core.http.HttpServerOptions;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an engine needs of the HTTP server that it is mounted on. */
final class HostServer {
    private static final Logger LOG = LoggerFactory.getLogger(HostServer.class);
    private static final String SUBPROTOCOL = "polywire.1.json";

    private static final int REQUEST_LINE = 16 * 1024;

    private HostServer() {}

    static HttpServerOptions apply(RealtimeOptions options, HttpServerOptions server) {
        disagreements(options, server).forEach(sentence -> LOG.warn("http_server {}", sentence));
        int frame = options.session().frame();
        server.setMaxWebSocketFrameSize(frame)
                .setMaxWebSocketMessageSize(frame)
                .setPerMessageWebSocketCompressionSupported(options.compression())
                .setPerFrameWebSocketCompressionSupported(false);
        // A bare read of many channels names them all, and where it is in each, in its query.
        server.setMaxInitialLineLength(Math.max(server.getMaxInitialLineLength(), REQUEST_LINE));
        if (options.compression()) {
            // Never switched off here: the host's own pages may want it, and event streams opt out by themselves.
            server.setCompressionSupported(true);
        }
        List<String> protocols = server.getWebSocketSubProtocols();
        return protocols != null && protocols.contains(SUBPROTOCOL)
                ? server
                : server.addWebSocketSubProtocol(SUBPROTOCOL);
    }

    /** Tells, in sentences, what the host has set that is about to change or gets in the way. */
    static List<String> disagreements(RealtimeOptions options, HttpServerOptions server) {
        List<String> sentences = new ArrayList<>();
        int frame = options.session().frame();
        int message = server.getMaxWebSocketMessageSize();
        if (message != HttpServerOptions.DEFAULT_MAX_WEBSOCKET_MESSAGE_SIZE && message != frame) {
            sentences.add("maxWebSocketMessageSize is changed from " + message + " to " + frame
                    + ", the largest frame of the session options.");
        }
        int fragment = server.getMaxWebSocketFrameSize();
        if (fragment != HttpServerOptions.DEFAULT_MAX_WEBSOCKET_FRAME_SIZE && fragment != frame) {
            sentences.add("maxWebSocketFrameSize is changed from " + fragment + " to " + frame
                    + ", the largest frame of the session options.");
        }
        int idle = server.getIdleTimeout();
        if (idle > 0) {
            long millis = server.getIdleTimeoutUnit().toMillis(idle);
            long needed = 2 * options.session().heartbeat().toMillis();
            if (millis < needed) {
                sentences.add(
                        "idleTimeout of " + millis + " ms cuts connections that are well: it should be 0, or over "
                                + needed + " ms, which is two heartbeats.");
            }
        }
        if (server.isCompressionSupported() && !options.compression()) {
            sentences.add(
                    "compression stays on for the host's own replies, though it is off in the options; poll replies"
                            + " are compressed too.");
        }
        return sentences;
    }
}
