package dev.polywire.conformance;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.parsetools.RecordParser;

/** Drives {@code POST /sse}: every event's data is one frame on one line. */
public final class SseDriver extends HttpDriver {

    /**
     * Creates a driver.
     *
     * @param vertx carries the sockets
     * @param host of the server, or of a proxy before it
     * @param port its port
     * @param path the mount path
     */
    public SseDriver(Vertx vertx, String host, int port, String path) {
        this(vertx, new HttpClientOptions(), host, port, path);
    }

    /**
     * Creates a driver with a client of a kind, for TLS and HTTP/2: there, all requests share one connection.
     *
     * @param vertx carries the sockets
     * @param options the client's options
     * @param host of the server
     * @param port its port
     * @param path the mount path
     */
    public SseDriver(Vertx vertx, HttpClientOptions options, String host, int port, String path) {
        super(vertx, options, host, port, path);
    }

    @Override
    public String name() {
        return "sse";
    }

    @Override
    public Link open(Opening opening, Listener listener) {
        return open(HttpMethod.POST, "/sse", opening, listener, (response, link) -> {
            String type = response.getHeader("Content-Type");
            if (type == null || !type.startsWith("text/event-stream")) {
                link.end(new End(200, "Content-Type is " + type, false));
                return;
            }
            RecordParser lines = RecordParser.newDelimited("\n");
            lines.handler(line -> line(line, link));
            response.handler(lines);
            response.endHandler(end -> link.end(new End(200, "", false)));
        });
    }

    private static void line(Buffer line, HttpLink link) {
        String text = line.toString();
        if (text.startsWith("data:")) {
            link.frame(text.substring(5).strip());
        } else if (!text.isBlank() && !text.startsWith(":") && !text.startsWith("retry:")) {
            link.end(new End(200, "a session's event has data alone, not: " + text, false));
        }
    }
}
