package dev.polywire.conformance;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Drives {@code POST /poll} and {@code GET /poll}: one connection is one poll, whose reply is an array of frames. */
public final class LongPollDriver extends HttpDriver {

    /**
     * Creates a driver.
     *
     * @param vertx carries the sockets
     * @param host of the server, or of a proxy before it
     * @param port its port
     * @param path the mount path
     */
    public LongPollDriver(Vertx vertx, String host, int port, String path) {
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
    public LongPollDriver(Vertx vertx, HttpClientOptions options, String host, int port, String path) {
        super(vertx, options, host, port, path);
    }

    @Override
    public String name() {
        return "longpoll";
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public Link open(Opening opening, Listener listener) {
        boolean resume = opening.resume() != null;
        String query = opening.patience() < 0 || !resume ? "" : "?wait=" + opening.patience();
        HttpMethod method = resume ? HttpMethod.GET : HttpMethod.POST;
        return open(
                method,
                "/poll" + query,
                opening,
                listener,
                (response, link) -> response.body()
                        .onFailure(failure -> link.end(new End(0, String.valueOf(failure.getMessage()), false)))
                        .onSuccess(body -> {
                            try {
                                JsonArray frames = body.toJsonArray();
                                for (int i = 0; i < frames.size(); i++) {
                                    JsonObject frame = frames.getJsonObject(i);
                                    link.frame(frame.encode());
                                }
                                link.end(new End(200, "", true));
                            } catch (DecodeException | ClassCastException e) {
                                link.end(new End(200, "not an array of frames: " + body, false));
                            }
                        }));
    }
}
