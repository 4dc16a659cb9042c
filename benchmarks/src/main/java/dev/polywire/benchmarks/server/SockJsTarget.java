package dev.polywire.benchmarks.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;

/** The event-bus bridge of vertx-web, by its raw WebSocket. A channel is an address. */
final class SockJsTarget implements Target {
    private final Vertx vertx;

    SockJsTarget(Vertx vertx) {
        this.vertx = vertx;
    }

    @Override
    public Future<Integer> start() {
        PermittedOptions all = new PermittedOptions().setAddressRegex("live\\.\\d+");
        SockJSBridgeOptions bridge =
                new SockJSBridgeOptions().addOutboundPermitted(all).addInboundPermitted(all);
        Router router = Router.router(vertx);
        router.route("/eventbus/*").subRouter(SockJSHandler.create(vertx).bridge(bridge));
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setPort(0);
        return vertx.createHttpServer(options).requestHandler(router).listen().map(HttpServer::actualPort);
    }

    @Override
    public void publish(int channel, String text) {
        vertx.eventBus().publish("live." + channel, text);
    }
}
