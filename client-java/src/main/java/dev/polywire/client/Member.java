package dev.polywire.client;

import org.jspecify.annotations.Nullable;

/**
 * A member of a channel.
 *
 * @param session the public id of its session
 * @param user its user's id, or null when the server does not know it
 * @param state what it set, any JSON value: {@code "online"} until it sets something
 * @param since when it came, milliseconds since 1970 by the server's clock
 */
public record Member(
        String session, @Nullable String user, @Nullable Object state, long since) {}
