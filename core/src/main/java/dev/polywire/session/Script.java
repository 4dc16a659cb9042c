package dev.polywire.session;

import dev.polywire.spi.http.Exchange;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A module of the browser client as it is served: compressed once, and told from others by its entity tag, so that a page that has it
 * already loads no bytes of it (RFC 9110, sections 8.8.3 and 13.1.2).
 */
final class Script {
    private final Buffer plain;
    private final Buffer zipped;
    private final String tag;

    Script(byte[] source) {
        plain = Buffer.buffer(source);
        zipped = Buffer.buffer(zip(source));
        CRC32 sum = new CRC32();
        sum.update(source);
        // Weak, since it stands for both encodings.
        tag = String.format(Locale.ROOT, "W/\"%d-%08x\"", source.length, sum.getValue());
    }

    /** Takes the time that the best compression needs: it is done once. */
    private static final class Smallest extends GZIPOutputStream {
        Smallest(OutputStream to) throws IOException {
            super(to);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }

    private static byte[] zip(byte[] source) {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream(source.length / 2);
        try (GZIPOutputStream out = new Smallest(zipped)) {
            out.write(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toByteArray();
    }

    void serve(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        HttpServerResponse response = exchange.response();
        response.headers().add(HttpHeaders.VARY, "Accept-Encoding");
        response.putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                .putHeader(HttpHeaders.ETAG, tag)
                .putHeader("X-Content-Type-Options", "nosniff");
        if (known(request.getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(304).end();
            return;
        }
        boolean zip = accepted(request.getHeader(HttpHeaders.ACCEPT_ENCODING));
        Buffer body = zip ? zipped : plain;
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/javascript;charset=utf-8");
        if (zip) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        if (request.method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()))
                    .end();
        } else {
            response.end(body);
        }
    }

    private boolean known(@Nullable String tags) {
        return tags != null && (tags.trim().equals("*") || tags.contains(tag.substring("W/".length())));
    }

    /** Tells whether gzip is among the codings of an {@code Accept-Encoding}, and not refused by a weight of nothing. */
    static boolean accepted(@Nullable String codings) {
        if (codings == null) {
            return false;
        }
        for (String coding : codings.toLowerCase(Locale.ROOT).split(",", 32)) {
            String[] parts = coding.split(";", 2);
            if (parts[0].trim().equals("gzip")) {
                return parts.length == 1 || !parts[1].replace(" ", "").matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
