package dev.polywire.spi.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which web pages may talk to the endpoints: those of the same origin, and those of the origins that the options name. */
public final class Cors {
    private static final String ALLOWED_HEADERS = "Content-Type, Authorization, Last-Event-ID, " + Handshakes.NAMES;

    // Two hours: browsers keep an answer no longer than that.
    private static final String MAX_AGE = "7200";

    /** What an origin may do. */
    public enum Verdict {
        /** Nothing. */
        REFUSED,
        /** Connect, but without what a browser adds by itself: cookies, and whom they stand for. */
        ANONYMOUS,
        /**
         * Connect, but not as whom a cookie says: no origin is stated. Programs do not state one; neither does a browser for
         * some requests that it makes by itself, with its cookies.
         */
        UNNAMED,
        /** Connect, also as whom a cookie says. */
        TRUSTED;

        /**
         * Tells whether a cookie of the request may say who it is.
         *
         * @return true only when the origin is known to be one that may
         */
        public boolean allowsCookies() {
            return this == TRUSTED;
        }
    }

    // Browsers set it, and pages cannot. It says what a missing Origin leaves open.
    private static final String FETCH_SITE = "Sec-Fetch-Site";

    private final boolean any;
    private final List<String> exact = new ArrayList<>();
    private final List<String[]> patterns = new ArrayList<>();

    /**
     * Reads the allow-list.
     *
     * @param origins {@code https://example.com}, {@code https://*.example.com} or {@code *}
     * @throws IllegalArgumentException for anything else
     */
    public Cors(List<String> origins) {
        any = origins.contains("*");
        for (String origin : origins) {
            String rule = origin.toLowerCase(Locale.ROOT);
            int star = rule.indexOf("://*.");
            if (rule.matches("[a-z][a-z0-9+.-]*://[^/*?#@\\s]+")) {
                exact.add(rule);
            } else if (star > 0 && rule.substring(star + 5).matches("[^/*?#@\\s]+")) {
                patterns.add(new String[] {rule.substring(0, star + 3), rule.substring(star + 4)});
            } else if (!rule.equals("*")) {
                throw new IllegalArgumentException(
                        "An origin looks like https://example.com, https://*.example.com or *, not " + origin + ".");
            }
        }
    }

    /**
     * Judges a request by its {@code Origin}, and without one by what the browser says instead.
     *
     * @param request the request
     * @return never null
     */
    public Verdict check(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.ORIGIN);
        if (header == null) {
            return unnamed(request.headers());
        }
        String origin = header.toLowerCase(Locale.ROOT);
        if (isSame(origin, request) || exact.contains(origin) || fits(origin)) {
            return Verdict.TRUSTED;
        }
        return any ? Verdict.ANONYMOUS : Verdict.REFUSED;
    }

    private static Verdict unnamed(MultiMap headers) {
        String site = headers.get(FETCH_SITE);
        if (site == null || site.equals("none")) {
            // A page that sends this header to another site asks first, states its origin, and is refused.
            return headers.contains(Handshakes.SESSION) ? Verdict.TRUSTED : Verdict.UNNAMED;
        }
        return site.equals("same-origin") ? Verdict.TRUSTED : Verdict.ANONYMOUS;
    }

    /**
     * Adds what lets the page read the reply.
     *
     * @param request the request
     * @param response its response, whose head was not written yet
     * @param verdict what {@link #check} said
     */
    public void decorate(HttpServerRequest request, HttpServerResponse response, Verdict verdict) {
        Heads.vary(request, response);
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin == null || verdict == Verdict.REFUSED) {
            return;
        }
        response.putHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After");
        if (verdict == Verdict.ANONYMOUS) {
            response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        } else if (verdict == Verdict.TRUSTED) {
            response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
    }

    /**
     * Adds the answer to a preflight.
     *
     * @param response its response
     * @param methods what the endpoint knows, separated by commas
     */
    void preflight(HttpServerResponse response, String methods) {
        response.headers().add(HttpHeaders.VARY, "Access-Control-Request-Method, Access-Control-Request-Headers");
        response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, methods);
        response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        response.putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }

    private boolean fits(String origin) {
        for (String[] pattern : patterns) {
            int labels = origin.length() - pattern[0].length() - pattern[1].length();
            if (labels > 0
                    && origin.startsWith(pattern[0])
                    && origin.endsWith(pattern[1])
                    && origin.substring(pattern[0].length(), pattern[0].length() + labels)
                            .matches("[a-z0-9.-]+")) {
                return true;
            }
        }
        return false;
    }

    // The scheme counts only when the server itself speaks TLS: behind a proxy that does, a request for https arrives
    // as http.
    private static boolean isSame(String origin, HttpServerRequest request) {
        boolean secure = origin.startsWith("https://");
        @Nullable HostAndPort own = request.authority();
        if (own == null || !secure && (request.isSSL() || !origin.startsWith("http://"))) {
            return false;
        }
        String usual = secure ? ":443" : ":80";
        String name = own.host().toLowerCase(Locale.ROOT);
        String bracketed = name.indexOf(':') >= 0 && !name.startsWith("[") ? "[" + name + "]" : name;
        String ownHost = own.port() > 0 ? bracketed + ":" + own.port() : bracketed;
        String theirs = origin.substring(origin.indexOf("://") + 3);
        return without(theirs, usual).equals(without(ownHost, usual));
    }

    private static String without(String host, String port) {
        return host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
    }
}
