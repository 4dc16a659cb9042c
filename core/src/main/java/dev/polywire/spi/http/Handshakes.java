package dev.polywire.spi.http;

import dev.polywire.AuthOptions;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Limits;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Handshake} from a request: the token, the peer, and the {@code Polywire-} headers (section 2.2). */
final class Handshakes {
    static final String SESSION = "Polywire-Session";
    static final String SECRET = "Polywire-Secret";
    static final String ATTACH = "Polywire-Attach";
    static final String RECEIVED = "Polywire-Received";
    static final String CONFIRMED = "Polywire-Confirmed";
    static final String FIRST = "Polywire-First";
    static final String NAMES = String.join(", ", SESSION, SECRET, ATTACH, RECEIVED, CONFIRMED, FIRST);

    // Longer than any id or secret that a server hands out.
    private static final int MAX_CREDENTIAL = 256;

    private Handshakes() {}

    static Handshake of(
            RoutingContext context,
            AuthOptions options,
            String transport,
            boolean trusted,
            ClientFrame.@Nullable Resume resume) {
        HttpServerRequest request = context.request();
        MultiMap headers = request.headers();
        if (!trusted) {
            headers = MultiMap.caseInsensitiveMultiMap().addAll(headers).remove(HttpHeaders.COOKIE);
        }
        return new Handshake(
                transport,
                address(request.remoteAddress()),
                String.valueOf(request.path()),
                headers,
                Credentials.of(context, headers, trusted, options),
                trusted ? context.user() : null,
                resume);
    }

    static ClientFrame.@Nullable Resume resume(MultiMap headers, boolean attaching) {
        String session = headers.get(SESSION);
        if (session == null) {
            return null;
        }
        String secret = headers.get(SECRET);
        if (secret == null || secret.length() > MAX_CREDENTIAL || session.length() > MAX_CREDENTIAL) {
            throw bad(SESSION + " comes with " + SECRET + ", both of at most " + MAX_CREDENTIAL + " characters.");
        }
        long attach = number(headers, ATTACH);
        if (attaching && attach < 1) {
            throw bad("A resume states " + ATTACH + ", counted from 1.");
        }
        return new ClientFrame.Resume(session, secret, attach, number(headers, RECEIVED), number(headers, CONFIRMED));
    }

    static long number(MultiMap headers, String name) {
        String value = headers.get(name);
        return value == null ? 0 : number(name, value);
    }

    static long number(String name, String value) {
        if (value.matches("[0-9]{1,16}")) {
            long number = Long.parseLong(value);
            if (number <= Limits.MAX_COUNT) {
                return number;
            }
        }
        throw bad(name + " is a whole number from 0 to 2^53-1.");
    }

    static Refusal bad(String message) {
        return new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, message);
    }

    private static String address(@Nullable SocketAddress peer) {
        if (peer == null) {
            return "unknown";
        }
        String address = peer.hostAddress();
        if (address == null) {
            address = peer.host();
        }
        return address == null ? "local" : address;
    }
}
