package dev.polywire.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes the {@code welcome} of a resume, of which each poll gets one, without a generator: to the letter what {@link FrameWriter} writes. */
final class WelcomeJson {
    private static final byte[] VERSION = ascii("{\"type\":\"welcome\",\"version\":");
    private static final byte[] SESSION = ascii(",\"session\":\"");
    private static final byte[] RECEIVED = ascii("\",\"resumed\":true,\"received\":");
    private static final byte[] FIRST = ascii(",\"first\":");
    private static final byte[] HEARTBEAT = ascii(",\"heartbeat\":");

    private byte[] out = new byte[192];
    private int length;

    private WelcomeJson() {}

    /** Returns the frame as JSON, or null when it says more than that a session goes on. */
    static byte @Nullable [] write(ServerFrame.Welcome welcome) {
        if (!welcome.resumed()
                || welcome.secret() != null
                || welcome.user() != null
                || welcome.reason() != null
                || welcome.transports() != null
                || welcome.limits() != null
                || !MessageJson.plain(welcome.session())) {
            return null;
        }
        WelcomeJson json = new WelcomeJson();
        json.add(VERSION);
        json.add(welcome.version());
        json.add(SESSION);
        json.add(welcome.session());
        json.add(RECEIVED);
        json.add(welcome.received());
        json.add(FIRST);
        json.add(welcome.first());
        json.add(HEARTBEAT);
        json.add(welcome.heartbeat());
        json.room(1);
        json.out[json.length++] = '}';
        return Arrays.copyOf(json.out, json.length);
    }

    private void room(int more) {
        if (length + more > out.length) {
            out = Arrays.copyOf(out, Math.max(length + more, out.length * 2));
        }
    }

    private void add(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, out, length, bytes.length);
        length += bytes.length;
    }

    private void add(String ascii) {
        room(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            out[length++] = (byte) ascii.charAt(i);
        }
    }

    private void add(long number) {
        if (number < 0) {
            add(Long.toString(number));
            return;
        }
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        room(digits);
        length += digits;
        long rest = number;
        for (int at = length - 1; digits > 0; digits--) {
            out[at--] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
