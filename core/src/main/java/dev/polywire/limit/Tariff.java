package dev.polywire.limit;

import dev.polywire.AddressOptions;
import dev.polywire.LimitOptions;
import org.jspecify.annotations.Nullable;

/**
 * What each of many users, or each of many addresses, may use.
 *
 * @param frames frames a second, or null for as many as its sessions may send
 * @param bytes bytes a second, or null for as many as its sessions may send
 * @param controls frames a second that only keep connections going, or null for as many as its sessions may send
 * @param controlBytes bytes a second of such frames, or null for as many as its sessions may send
 * @param opens sessions opened a second, or null for any number
 * @param connects connections made a second, or null for any number
 * @param sessions sessions at a time
 * @param reads polls and bare reads at a time
 */
record Tariff(
        @Nullable Meter frames,
        @Nullable Meter bytes,
        @Nullable Meter controls,
        @Nullable Meter controlBytes,
        @Nullable Meter opens,
        @Nullable Meter connects,
        int sessions,
        int reads) {

    /**
     * Returns what each user may use.
     *
     * @param options the limits
     * @return a new tariff
     */
    static Tariff ofUser(LimitOptions options) {
        return new Tariff(
                Meter.of(options.userMessages()),
                Meter.of(options.userBytes()),
                Meter.of(wide(options.userMessages())),
                Meter.of(wide(options.userBytes())),
                null,
                null,
                options.userSessions(),
                Integer.MAX_VALUE);
    }

    /**
     * Returns what each address may use.
     *
     * @param options the limits
     * @return a new tariff
     */
    static Tariff ofAddress(AddressOptions options) {
        return new Tariff(
                Meter.of(options.messages()),
                Meter.of(options.bytes()),
                Meter.of(wide(options.messages())),
                Meter.of(wide(options.bytes())),
                Meter.of(options.opens()),
                Meter.of(options.connects()),
                options.sessions(),
                options.polls());
    }

    /**
     * How many acknowledgements clients send depends on what they are sent, so what is for those is against floods only, and ten
     * times as wide.
     */
    private static int wide(int perSecond) {
        return (int) Math.min(Integer.MAX_VALUE, 10L * perSecond);
    }

    /** Returns how many there may be at a time, of sessions or of reads. */
    int most(int kind) {
        return kind == Account.SESSIONS ? sessions : reads;
    }

    /** Tells whether frames are charged at all. */
    boolean charges() {
        return frames != null || bytes != null;
    }
}
