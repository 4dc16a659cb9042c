package dev.polywire.session;

import dev.polywire.RealtimeOptions;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.http.Endpoint;
import dev.polywire.spi.http.Exchange;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the endpoints on a router: what the server offers, the browser client, and those of the transports. */
final class Mounting {
    private static final Logger LOG = LoggerFactory.getLogger(Mounting.class);

    private Mounting() {}

    /** Finds the transports that the options name; those given in code go before those on the class path. */
    static void find(List<Transport> transports, RealtimeOptions options) {
        if (transports.isEmpty()) {
            ServiceLoader.load(Transport.class).forEach(transports::add);
        }
        List<Transport> wanted = new ArrayList<>();
        TreeSet<String> there = new TreeSet<>();
        for (Transport transport : transports) {
            there.add(transport.name());
        }
        boolean defaults = options.transports().equals(new RealtimeOptions().transports());
        for (String name : options.transports()) {
            if (!there.contains(name)) {
                if (defaults && !there.isEmpty()) {
                    LOG.info("transport {} is not on the class path and is not offered", name);
                    continue;
                }
                throw new IllegalStateException("There is no transport called " + name + "; there are " + there
                        + ". Its jar must be on the class path, or it must be added with Realtime.transport(…).");
            }
            for (Transport transport : transports) {
                if (transport.name().equals(name)) {
                    wanted.add(transport);
                    break;
                }
            }
        }
        transports.clear();
        transports.addAll(wanted);
    }

    static void mount(Router router, Vertx vertx, SessionGateway gateway, List<Transport> transports) {
        String path = gateway.options().path();
        Router sub = Router.router(vertx);
        for (Transport transport : transports) {
            transport.mount(sub, gateway);
        }
        Scripts scripts = new Scripts(Mounting.class.getClassLoader());
        scripts.all()
                .forEach((name, module) -> new Endpoint("/" + name, gateway)
                        .on(HttpMethod.GET, module::serve)
                        .on(HttpMethod.HEAD, module::serve)
                        .mount(sub));
        sub.route().handler(Mounting::notFound);
        // On the router itself: its route matches with and without the slash at the end, a sub-router only with it.
        new Endpoint(path, gateway).on(HttpMethod.GET, Mounting::describe).mount(router);
        router.route(path + "/*").subRouter(sub);
    }

    private static void describe(Exchange exchange) {
        exchange.reply(
                200, exchange.gateway().describe(exchange.visitor("http")).toBuffer());
    }

    private static void notFound(RoutingContext ctx) {
        Refusal refusal = new Refusal(ErrorCode.NOT_FOUND, CloseReason.BAD_FRAME, "There is no such endpoint.");
        ctx.response()
                .setStatusCode(refusal.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.VARY, "Origin")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(refusal.toJson().toBuffer());
    }
}
