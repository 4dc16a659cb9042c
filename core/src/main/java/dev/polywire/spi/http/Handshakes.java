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
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Handshake} from a request: the token, the peer, and the {@code Polywire-} headers (section 2.2). */
final class Handshakes {
    static final CharSequence SESSION = HttpHeaders.createOptimized("Polywire-Session");
    static final CharSequence SECRET = HttpHeaders.createOptimized("Polywire-Secret");
    static final CharSequence ATTACH = HttpHeaders.createOptimized("Polywire-Attach");
    static final CharSequence RECEIVED = HttpHeaders.createOptimized("Polywire-Received");
    static final CharSequence CONFIRMED = HttpHeaders.createOptimized("Polywire-Confirmed");
    static final CharSequence FIRST = HttpHeaders.createOptimized("Polywire-First");
    static final String NAMES = String.join(", ", SESSION, SECRET, ATTACH, RECEIVED, CONFIRMED, FIRST);

    // Longer than any id or secret that a server hands out.
    private static final int MAX_CREDENTIAL = 256;

    private static final int MAX_DIGITS = 16;

    private Handshakes() {}

    static Handshake of(
            RoutingContext context,
            AuthOptions options,
            TrustedProxies proxies,
            String transport,
            Cors.Verdict verdict,
            ClientFrame.@Nullable Resume resume) {
        HttpServerRequest request = context.request();
        MultiMap headers = request.headers();
        boolean cookie = headers.contains(HttpHeaders.COOKIE);
        if (cookie && !verdict.allowsCookies()) {
            headers = MultiMap.caseInsensitiveMultiMap().addAll(headers).remove(HttpHeaders.COOKIE);
        }
        return new Handshake(
                transport,
                proxies.client(request),
                String.valueOf(request.path()),
                headers,
                Credentials.of(context, headers, verdict, options),
                known(verdict, cookie, headers) ? context.user() : null,
                resume);
    }

    /** Tells whether whom the host's authentication handler found may count: not when it may have gone by a cookie alone. */
    private static boolean known(Cors.Verdict verdict, boolean cookie, MultiMap headers) {
        return switch (verdict) {
            case TRUSTED -> true;
            case UNNAMED -> !cookie || headers.contains(HttpHeaders.AUTHORIZATION);
            case ANONYMOUS, REFUSED -> false;
        };
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

    static long number(MultiMap headers, CharSequence name) {
        String value = headers.get(name);
        return value == null ? 0 : number(name, value);
    }

    static long number(CharSequence name, String value) {
        // By hand: a poll states four numbers, and an expression would be compiled for each.
        if (isNumber(value)) {
            long number = Long.parseLong(value);
            if (number <= Limits.MAX_COUNT) {
                return number;
            }
        }
        throw bad(name + " is a whole number from 0 to 2^53-1.");
    }

    /** Returns the number that is all a query holds, or -1 when it holds something else. */
    static long only(String name, String query) {
        int from = name.length() + 1;
        if (query.length() < from || !query.startsWith(name) || query.charAt(from - 1) != '=') {
            return -1;
        }
        String value = query.substring(from);
        return isNumber(value) ? number(name, value) : -1;
    }

    private static boolean isNumber(String value) {
        int length = value.length();
        for (int i = 0; i < length; i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                return false;
            }
        }
        return length > 0 && length <= MAX_DIGITS;
    }

    /** Takes away what only an attach needs, the secret among it. */
    static void forget(MultiMap headers) {
        headers.remove(SECRET).remove(ATTACH).remove(RECEIVED).remove(CONFIRMED);
    }

    static Refusal bad(String message) {
        return new Refusal(ErrorCode.BAD_FRAME, CloseReason.BAD_FRAME, message);
    }
}
