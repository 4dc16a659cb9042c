package dev.polywire.spi.http;

import dev.polywire.AuthOptions;
import dev.polywire.spi.Handshake;
import io.vertx.core.MultiMap;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Where the token of a request may stand (R71 to R73). The first place that has one counts. */
final class Credentials {
    private static final String SUBPROTOCOL = "polywire.token.";
    private static final String TICKET = "ticket";

    private Credentials() {}

    /**
     * Reads the token of a request.
     *
     * @param verdict what the page that asks, if any, may do
     */
    static @Nullable String of(RoutingContext context, MultiMap headers, Cors.Verdict verdict, AuthOptions options) {
        String token = bearer(headers);
        if (token == null) {
            token = subprotocol(headers.get("Sec-WebSocket-Protocol"));
        }
        if (token == null) {
            token = query(context, options);
        }
        return token == null ? cookie(context.request(), verdict, options) : token;
    }

    private static @Nullable String bearer(MultiMap headers) {
        String header = headers.get(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return null;
        }
        String token = header.substring(7).trim();
        return token.isEmpty() ? null : token;
    }

    /** A page cannot give a WebSocket headers, but it can name subprotocols. */
    private static @Nullable String subprotocol(@Nullable String offered) {
        if (offered == null || !offered.contains(SUBPROTOCOL)) {
            return null;
        }
        for (String part : offered.split(",", -1)) {
            String name = part.trim();
            if (name.startsWith(SUBPROTOCOL)) {
                String encoded = name.substring(SUBPROTOCOL.length());
                try {
                    return new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    // A token that cannot be read is refused, where none might be let in.
                    return encoded;
                }
            }
        }
        return null;
    }

    private static @Nullable String query(RoutingContext context, AuthOptions options) {
        String query = context.request().query();
        if (query == null) {
            return null;
        }
        if (query.contains(TICKET)) {
            String ticket = context.queryParams().get(TICKET);
            if (ticket != null) {
                // Whatever it is, only a ticket may stand in a URL without having been allowed to.
                return ticket.startsWith(Handshake.TICKET) ? ticket : Handshake.TICKET;
            }
        }
        String name = options.query();
        String token = name.isEmpty() ? null : context.queryParams().get(name);
        return token == null || token.isEmpty() ? null : token;
    }

    /** A browser sends a cookie along whoever's page it is, so only one counts whose page has been named and may. */
    private static @Nullable String cookie(HttpServerRequest request, Cors.Verdict verdict, AuthOptions options) {
        if (options.cookie().isEmpty() || verdict != Cors.Verdict.TRUSTED) {
            return null;
        }
        Cookie cookie = request.getCookie(options.cookie());
        return cookie == null || cookie.getValue().isEmpty() ? null : cookie.getValue();
    }
}
