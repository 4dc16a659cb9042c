package dev.polywire.conformance;

import dev.polywire.conformance.ClientDriver.Answer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;

/** Makes single requests to the kit's server, whatever its transports. Its methods block. */
final class Poster implements AutoCloseable {
    private final Vertx vertx;
    private final int port;
    private final HttpClient client;

    Poster(Vertx vertx, int port) {
        this.vertx = vertx;
        this.port = port;
        this.client = vertx.createHttpClient();
    }

    /** Makes a request without a body, and returns the whole answer. */
    Answer request(HttpMethod method, String below, MultiMap headers) {
        return Await.get("an answer to " + method + " " + below, ask(method, below, headers));
    }

    /** Makes a request without a body; completes with the end of the answer. */
    Future<Answer> ask(HttpMethod method, String below, MultiMap headers) {
        Promise<Answer> promise = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(run -> begin(method, below, headers)
                        .compose(HttpClientRequest::send)
                        .compose(response ->
                                response.body().map(body -> new Answer(response.statusCode(), body.toString())))
                        .onComplete(promise));
        return promise.future();
    }

    /** Makes a GET whose answer may have no end, and returns its status. */
    int status(String below) {
        Promise<Integer> promise = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(run -> begin(HttpMethod.GET, below, MultiMap.caseInsensitiveMultiMap())
                        .compose(request -> request.send().map(response -> {
                            int status = response.statusCode();
                            request.reset();
                            return status;
                        }))
                        .onComplete(promise));
        return Await.get("an answer to GET " + below, promise.future());
    }

    private Future<HttpClientRequest> begin(HttpMethod method, String below, MultiMap headers) {
        return client.request(new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI(KitServer.PATH + below)
                .setHeaders(headers));
    }

    @Override
    public void close() {
        client.close();
    }
}
