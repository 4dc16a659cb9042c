package dev.polywire.spi.http;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** One path with its methods: checks origins, answers preflights and wrong methods, and turns what is thrown into replies. */
public final class Endpoint {
    private final String path;
    private final SessionGateway gateway;
    private final Cors cors;
    private final TrustedProxies proxies;
    private final Map<HttpMethod, Consumer<Exchange>> methods = new LinkedHashMap<>();

    /**
     * Creates an endpoint that knows no method yet.
     *
     * @param path relative to the mount path, with a slash in front
     * @param gateway the way into the sessions
     */
    public Endpoint(String path, SessionGateway gateway) {
        this.path = path;
        this.gateway = gateway;
        this.cors = new Cors(gateway.options().origins());
        this.proxies = new TrustedProxies(gateway.options().limits().address());
    }

    /**
     * Adds a method.
     *
     * @param method the method
     * @param handler what to do; a {@link Refusal} that it throws is answered
     * @return this
     */
    public Endpoint on(HttpMethod method, Consumer<Exchange> handler) {
        methods.put(method, handler);
        return this;
    }

    /**
     * Adds the endpoint to a router.
     *
     * @param router the router of the mount path
     */
    public void mount(Router router) {
        router.route(path).handler(this::handle);
    }

    private void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = context.response();
        Cors.Verdict verdict = cors.check(request);
        Exchange exchange = new Exchange(context, gateway, proxies, verdict);
        cors.decorate(request, response, verdict);
        Consumer<Exchange> handler = methods.get(request.method());
        if (verdict == Cors.Verdict.REFUSED) {
            JsonObject body = new JsonObject()
                    .put("code", CloseReason.POLICY.wire())
                    .put(
                            "message",
                            "Pages of this origin may not connect: it is neither that of Host nor in the option origins.");
            exchange.reply(CloseReason.POLICY.status(), body.toBuffer());
        } else if (handler != null) {
            run(handler, exchange);
        } else if (request.method().equals(HttpMethod.OPTIONS)) {
            cors.preflight(response, allowed());
            response.putHeader(HttpHeaders.ALLOW, allowed()).setStatusCode(204).end();
        } else {
            response.putHeader(HttpHeaders.ALLOW, allowed());
            exchange.refuse(new Refusal(
                    ErrorCode.METHOD_NOT_ALLOWED, CloseReason.BAD_FRAME, "This endpoint knows " + allowed() + "."));
        }
    }

    private static void run(Consumer<Exchange> handler, Exchange exchange) {
        try {
            handler.accept(exchange);
        } catch (RuntimeException thrown) {
            exchange.refuse(thrown);
        }
    }

    private String allowed() {
        StringBuilder names = new StringBuilder();
        methods.keySet().forEach(method -> names.append(method.name()).append(", "));
        return names.append(HttpMethod.OPTIONS.name()).toString();
    }
}
