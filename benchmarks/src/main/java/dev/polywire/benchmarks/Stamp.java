package dev.polywire.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a message says: its number, counted from 1 in its channel, and when it was to be sent, in nanoseconds of the machine's
 * monotonic clock. Both in fixed width behind a {@code #}, padded to a size: {@code #0000000017@0000000123456789012....}
 */
public final class Stamp {
    /** Bytes that a stamp takes without padding. */
    public static final int SHORTEST = 1 + 10 + 1 + 19;

    private static final int NUMBER = 1;
    private static final int TIME = 12;

    private final byte[] bytes;

    /**
     * Creates stamps of one size.
     *
     * @param size bytes of each, at least {@link #SHORTEST}
     */
    public Stamp(int size) {
        bytes = new byte[Math.max(size, SHORTEST)];
        Arrays.fill(bytes, (byte) '.');
        bytes[0] = '#';
        bytes[TIME - 1] = '@';
    }

    /**
     * Writes a stamp.
     *
     * @param number of the message in its channel, from 1
     * @param nanos when it was to be sent
     * @return ASCII, without quotes
     */
    public String text(long number, long nanos) {
        put(NUMBER, 10, number);
        put(TIME, 19, nanos);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void put(int from, int digits, long value) {
        long rest = value;
        for (int i = from + digits - 1; i >= from; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /**
     * Reads the number of a stamp.
     *
     * @param from holds the stamp
     * @param hash where its {@code #} is
     * @return the number
     */
    public static long number(byte[] from, int hash) {
        return digits(from, hash + NUMBER, 10);
    }

    /**
     * Reads the time of a stamp.
     *
     * @param from holds the stamp
     * @param hash where its {@code #} is
     * @return nanoseconds
     */
    public static long nanos(byte[] from, int hash) {
        return digits(from, hash + TIME, 19);
    }

    private static long digits(byte[] from, int at, int count) {
        long value = 0;
        for (int i = at; i < at + count; i++) {
            value = value * 10 + (from[i] - '0');
        }
        return value;
    }
}
