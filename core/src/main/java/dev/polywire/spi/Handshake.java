package dev.polywire.spi;

import dev.polywire.Principal;
import dev.polywire.protocol.ClientFrame;
import io.vertx.core.MultiMap;
import io.vertx.ext.auth.User;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the door: what a transport knows of a request before any frame was read.
 *
 * @param transport the transport's name
 * @param remoteAddress the client's address without a port: the peer's, or the one that a trusted proxy names
 * @param path the request's path, for logs; never with a query
 * @param headers the request's headers
 * @param token the token of the request (its header, or where else the options let it come from), or a ticket, or null; a token in
 *     {@code hello} wins
 * @param user who an authentication handler of the host application says it is, or null
 * @param resume what the {@code Polywire-} headers state, or null; on WebSocket always null, because {@code hello} states it there
 * @param known who the token says it is, when that was found out before the connection was there ({@link SessionGateway#authenticate}),
 *     so that nobody is asked twice; or null
 */
public record Handshake(
        String transport,
        String remoteAddress,
        String path,
        MultiMap headers,
        @Nullable String token,
        @Nullable User user,
        ClientFrame.@Nullable Resume resume,
        @Nullable Principal known) {
    /** What a ticket begins with, so that it is not taken for a token. */
    public static final String TICKET = "pwt_";

    /** Who is at the door, when nobody has found out yet who it is; as above. */
    public Handshake(
            String transport,
            String remoteAddress,
            String path,
            MultiMap headers,
            @Nullable String token,
            @Nullable User user,
            ClientFrame.@Nullable Resume resume) {
        this(transport, remoteAddress, path, headers, token, user, resume, null);
    }

    /**
     * Returns the same, with who it is.
     *
     * @param principal who the token says it is
     * @return to attach with
     */
    public Handshake known(Principal principal) {
        return new Handshake(transport, remoteAddress, path, headers, token, user, resume, principal);
    }

    /** Leaves out the token, the headers and the secret, so that a line in a log does not hold them. */
    @Override
    public String toString() {
        return "Handshake[transport=" + transport + ", remoteAddress=" + remoteAddress + ", path=" + path + "]";
    }
}
