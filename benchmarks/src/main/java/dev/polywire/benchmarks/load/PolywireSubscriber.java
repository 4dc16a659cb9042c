package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Polywire session on one wire: says hello, subscribes, and acknowledges as the protocol asks (rules R21 and R22). */
abstract class PolywireSubscriber extends Subscriber {
    private static final Pattern TYPE = Pattern.compile("\"type\":\"([a-z]+)\"");
    private static final Pattern FIRST = Pattern.compile("\"first\":(\\d+)");
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]*)\"");

    /** R22: at the latest every 32 KiB. */
    private static final int ACKNOWLEDGE_BYTES = 32 * 1024;

    /** R22: within a second of handing over; a look every 100 ms sees to that. */
    private static final long ACKNOWLEDGE_NANOS = 850_000_000;

    private final String channel;
    /** Counted frames that came (R1). */
    long received;

    /** Counted frames that were sent. */
    long sent;

    private long acknowledged;
    private int bytes;
    private long unacknowledgedSince;

    PolywireSubscriber(Generator generator, String channel) {
        super(generator);
        this.channel = channel;
    }

    static String hello() {
        return "{\"type\":\"hello\",\"versions\":[1],\"client\":\"%016x%016x\"}"
                .formatted(
                        ThreadLocalRandom.current().nextLong(),
                        ThreadLocalRandom.current().nextLong());
    }

    /** Sends a frame by whatever goes up on this wire. */
    abstract void up(Link link, String frame, boolean counted);

    /** The session is open, or open again. */
    void welcomed(Link link, String welcome) {
        if (sent == 0) {
            sent++;
            up(link, "{\"type\":\"subscribe\",\"id\":\"1\",\"channels\":[\"" + channel + "\"]}", true);
        }
    }

    @Override
    void publish(Link to, String text) {
        sent++;
        up(to, "{\"type\":\"publish\",\"channel\":\"" + channel + "\",\"payload\":\"" + text + "\"}", true);
    }

    /** Says how far it has come. */
    void acknowledge(Link link) {
        up(link, "{\"type\":\"received\",\"count\":" + received + '}', false);
    }

    @Override
    void counted(Link link, int length) {
        received++;
        bytes += length;
        if (bytes >= ACKNOWLEDGE_BYTES) {
            acknowledgeNow(link);
        }
    }

    private void acknowledgeNow(Link link) {
        acknowledged = received;
        bytes = 0;
        unacknowledgedSince = 0;
        acknowledge(link);
    }

    @Override
    public void tick(Link link, long nanos) {
        if (received == acknowledged) {
            return;
        }
        if (unacknowledgedSince == 0) {
            unacknowledgedSince = nanos - 100_000_000;
        } else if (nanos - unacknowledgedSince >= ACKNOWLEDGE_NANOS - 100_000_000) {
            acknowledgeNow(link);
        }
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {
        String frame = new String(data, from, to - from, StandardCharsets.UTF_8);
        switch (match(TYPE, frame)) {
            case "welcome" -> {
                received = Long.parseLong(match(FIRST, frame)) - 1;
                acknowledged = received;
                welcomed(link, frame);
            }
            case "subscribed" -> {
                received++;
                subscribed(link);
            }
            case "ping" -> {
                String id = match(ID, frame);
                up(
                        link,
                        "{\"type\":\"pong\",\"count\":" + sent + (id.isEmpty() ? "}" : ",\"id\":\"" + id + "\"}"),
                        false);
            }
            case "pong", "received" -> {}
            case "bye" -> generator().note(frame);
            case "" -> link.fail("not a frame: " + frame);
            default -> {
                received++;
                generator().note(frame);
            }
        }
    }

    static String match(Pattern pattern, String in) {
        Matcher matcher = pattern.matcher(in);
        return matcher.find() ? matcher.group(1) : "";
    }
}
