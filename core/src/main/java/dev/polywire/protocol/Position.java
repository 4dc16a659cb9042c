package dev.polywire.protocol;

import java.util.Objects;

/**
 * A place in a channel's history: the epoch, and the offset of the last message that counts as seen.
 *
 * <p>An offset alone lies: after a restart offsets begin again, and a client at offset 7 of the old history would take
 * message 8 of the new one for the next. Positions compare only within one epoch.
 *
 * @param epoch names one unbroken run of offsets; 1 to 64 characters
 * @param offset from 0 (before the first message) to 2^53-1
 */
public record Position(String epoch, long offset) {

    /** Refuses what no channel can have issued. */
    public Position {
        Objects.requireNonNull(epoch, "epoch");
        if (epoch.isEmpty() || epoch.length() > 64) {
            throw new IllegalArgumentException("An epoch has 1 to 64 characters.");
        }
        if (offset < 0 || offset > Limits.MAX_COUNT) {
            throw new IllegalArgumentException("An offset lies between 0 and 2^53-1.");
        }
    }
}
