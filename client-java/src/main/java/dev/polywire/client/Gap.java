package dev.polywire.client;

import org.jspecify.annotations.Nullable;

/**
 * Tells that messages of a channel are missing. No gap means that nothing was lost.
 *
 * @param channel the channel's name
 * @param reason the server's {@code overflow}, {@code epoch}, {@code denied}, {@code trimmed} or {@code unknown}; or the client's own
 *     {@code not_recovered} (history no longer reaches back to our position) or {@code reset} (a channel without history, after a
 *     lost session)
 * @param position from where the channel goes on, or null when it has no history
 * @param count how many messages are missing, or 0 when that is not known
 */
public record Gap(String channel, String reason, @Nullable Position position, long count) {}
