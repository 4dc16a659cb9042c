package dev.polywire.spi.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The headers of replies. Where nobody else has added any they are made once and shared, which costs a waiting reply nothing: Vert.x
 * copies them when somebody adds something after all.
 */
final class Heads {
    /** Bodies of fewer bytes have their headers shared. Those of polls are about this large, and there are many. */
    private static final int LENGTHS = 1024;

    private static final CharSequence ORIGIN = HttpHeaders.createOptimized("Origin");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    // What a client has sent may come back in a reply, and no browser is to take it for a page.
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NO_SNIFFING = HttpHeaders.createOptimized("nosniff");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private static final MultiMap VARY =
            HttpHeaders.headers().add(HttpHeaders.VARY, ORIGIN).copy(false);
    private static final AtomicReferenceArray<MultiMap> BY_LENGTH = new AtomicReferenceArray<>(LENGTHS);

    private Heads() {}

    /** Says that the reply depends on the origin; before anything else is said by Polywire. */
    static void vary(HttpServerRequest request, HttpServerResponse response) {
        MultiMap headers = response.headers();
        if (request.version() == HttpVersion.HTTP_1_1 && headers.isEmpty()) {
            headers.setAll(VARY);
        } else {
            headers.add(HttpHeaders.VARY, ORIGIN);
        }
    }

    /** Makes headers to be shared, of those that a reply has besides what it varies by. */
    static MultiMap shared(MultiMap others) {
        return HttpHeaders.headers()
                .add(HttpHeaders.VARY, ORIGIN)
                .add(NOSNIFF, NO_SNIFFING)
                .addAll(others)
                .copy(false);
    }

    /** Adds shared headers; false when there are others, which go with them. */
    static boolean put(HttpVersion version, HttpServerResponse response, MultiMap shared) {
        MultiMap headers = response.headers();
        boolean alone = version == HttpVersion.HTTP_1_1 && onlyVaries(headers);
        if (alone) {
            headers.setAll(shared);
        }
        return alone;
    }

    /** Adds what a JSON reply with so many bytes needs besides what it varies by. */
    static void put(HttpVersion version, HttpServerResponse response, int length) {
        if (length >= LENGTHS || !put(version, response, ofLength(length))) {
            response.putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
                    .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                    .putHeader(NOSNIFF, NO_SNIFFING);
        }
    }

    private static boolean onlyVaries(MultiMap headers) {
        Iterator<Map.Entry<String, String>> each = headers.iterator();
        if (!each.hasNext()) {
            return false;
        }
        Map.Entry<String, String> first = each.next();
        return !each.hasNext()
                && first.getKey().equals("vary")
                && first.getValue().equals("Origin");
    }

    private static MultiMap ofLength(int length) {
        MultiMap made = BY_LENGTH.get(length);
        if (made == null) {
            made = shared(HttpHeaders.headers()
                    .add(HttpHeaders.CACHE_CONTROL, NO_STORE)
                    .add(HttpHeaders.CONTENT_TYPE, JSON)
                    .add(HttpHeaders.CONTENT_LENGTH, Integer.toString(length)));
            BY_LENGTH.set(length, made);
        }
        return made;
    }
}
