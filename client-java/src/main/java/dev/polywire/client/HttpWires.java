package dev.polywire.client;

import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the server is, and what reaches it: shared by all wires of a client. */
final class HttpWires {
    private final HttpClient client;
    private final Target target;
    private final int most;

    /** A server's mount path. */
    record Target(String host, int port, boolean tls, String path) {

        <T extends RequestOptions> T fill(T options, String below) {
            options.setHost(host).setPort(port).setSsl(tls).setURI(path + below);
            return options;
        }
    }

    /**
     * @param most bytes of a frame, and of the answer to a poll
     */
    HttpWires(HttpClient client, Target target, int most) {
        this.client = client;
        this.target = target;
        this.most = most;
    }

    int most() {
        return most;
    }

    HttpCall call(Place place) {
        return new HttpCall(client, place, most);
    }

    RequestOptions to(HttpMethod method, String below) {
        return target.fill(new RequestOptions(), below).setMethod(method);
    }

    /** Puts the headers that every request has together with others. */
    static Map<String, String> headers(WireContext context, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(context.headers());
        all.putAll(more);
        return all;
    }
}
