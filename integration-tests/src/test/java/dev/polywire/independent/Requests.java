package dev.polywire.independent;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;

/** How a client's requests are addressed, and the headers that say whose they are (section 2.2). */
final class Requests {
    private final SmallClient client;
    private final int port;

    Requests(SmallClient client, int port) {
        this.client = client;
        this.port = port;
    }

    /** A request under the mount path, with the headers of an open session, and of an attach where there is a place. */
    HttpRequest.Builder toSession(String path, JsonObject place) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("http", path));
        if (client.session != null) {
            request.header("Polywire-Session", client.session).header("Polywire-Secret", client.secret);
        }
        if (place != null) {
            request.header("Polywire-Attach", place.getLong("attach").toString())
                    .header("Polywire-Received", place.getLong("received").toString())
                    .header("Polywire-Confirmed", place.getLong("confirmed").toString());
        }
        return request;
    }

    URI uri(String scheme, String path) {
        return URI.create(scheme + "://127.0.0.1:" + port + "/realtime" + path);
    }
}
