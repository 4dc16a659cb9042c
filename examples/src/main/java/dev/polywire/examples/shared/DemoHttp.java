package dev.polywire.examples.shared;

import io.vertx.core.http.HttpServerOptions;

/** What all demos ask of their HTTP servers. */
public final class DemoHttp {
    private DemoHttp() {}

    /**
     * Returns the options of a server that speaks HTTP/1.1 alone. No browser speaks HTTP/2 without TLS; the JDK's {@code HttpClient}
     * offers to change to it on its first request, and can then lose what comes close behind the server's consent: it fails, or
     * waits without end.
     *
     * @param host the address that it listens on
     * @param port the port; 0 for a free one
     * @return to be added to
     */
    public static HttpServerOptions options(String host, int port) {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(false)
                .setHost(host)
                .setPort(port);
    }
}
