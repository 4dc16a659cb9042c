package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Polywire session that goes from wire to wire: WebSocket, event stream, long poll, and again. It opens the next one while
 * the old one works, and hands over by number (R18, R21), so that what is lost, repeated or out of order is the server's doing.
 */
final class PolywireWanderer extends Subscriber {
    private static final Pattern TYPE = Pattern.compile("\"type\":\"([a-z]+)\"");
    private static final Pattern FIRST = Pattern.compile("\"first\":(\\d+)");
    private static final Pattern RECEIVED = Pattern.compile("\"received\":(\\d+)");
    private static final Pattern SESSION = Pattern.compile("\"session\":\"([^\"]+)\"");
    private static final Pattern SECRET = Pattern.compile("\"secret\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]*)\"");
    private static final int ACKNOWLEDGE_BYTES = 32 * 1024;
    private static final long ACKNOWLEDGE_NANOS = 800_000_000;

    private final String channel;
    private final long stay;
    private String session = "";
    private String secret = "";
    private long attach;
    private long received;
    private long confirmed;
    private long acknowledged;
    private long acknowledgedAt;
    private int bytes;
    private long movedAt;
    private boolean begun;
    private @Nullable Carrier current;
    private @Nullable Carrier next;

    PolywireWanderer(Generator generator, String channel, long stayNanos) {
        super(generator);
        this.channel = channel;
        stay = stayNanos;
    }

    void open() {
        next = new Carrier(Wire.WEBSOCKET);
        next.attach();
    }

    // The connections have owners of their own.
    @Override
    public void opened(Link link) {}

    @Override
    void other(Link link, byte[] data, int from, int to) {}

    private String headers() {
        return "Polywire-Session: " + session + "\r\nPolywire-Secret: " + secret + "\r\nPolywire-Attach: " + ++attach
                + "\r\nPolywire-Received: " + received + "\r\nPolywire-Confirmed: " + confirmed + "\r\n";
    }

    private void tick(Carrier carrier, long nanos) {
        if (carrier != current) {
            return;
        }
        if (carrier.wire != Wire.LONGPOLL && received > acknowledged && nanos - acknowledgedAt > ACKNOWLEDGE_NANOS) {
            acknowledge(carrier);
        }
        if (begun && next == null && nanos - movedAt > stay) {
            // Not all at the same time.
            movedAt = nanos + ThreadLocalRandom.current().nextLong(stay / 2) - stay / 4;
            next = new Carrier(Wire.values()[(carrier.wire.ordinal() + 1) % Wire.values().length]);
            next.attach();
        }
    }

    private void acknowledge(Carrier carrier) {
        acknowledged = received;
        acknowledgedAt = System.nanoTime();
        bytes = 0;
        carrier.up("{\"type\":\"received\",\"count\":" + received + '}', false);
    }

    private void welcomed(Carrier carrier, String frame) {
        if (session.isEmpty()) {
            session = PolywireSubscriber.match(SESSION, frame);
            secret = PolywireSubscriber.match(SECRET, frame);
        } else if (frame.contains("\"resumed\":false")) {
            generator().note("not resumed: " + frame.replaceAll("\"(session|secret)\":\"[^\"]*\"", "…"));
        }
        confirmed = Math.max(confirmed, Long.parseLong(PolywireSubscriber.match(RECEIVED, frame)));
        carrier.number = Long.parseLong(PolywireSubscriber.match(FIRST, frame)) - 1;
        if (carrier.number > received) {
            generator().note("a wire begins with a frame too late");
        }
        Carrier old = current;
        if (old != carrier) {
            current = carrier;
            next = null;
            if (old == null) {
                movedAt = System.nanoTime() - ThreadLocalRandom.current().nextLong(stay);
                carrier.up("{\"type\":\"subscribe\",\"id\":\"1\",\"channels\":[\"" + channel + "\"]}", true);
            } else {
                generator().moved();
                old.close();
            }
        }
    }

    /** One connection, from an attach on. */
    private final class Carrier implements Owner {
        private final Wire wire;
        private final @Nullable Lane lane;
        /** The number of the last counted frame that came by it. */
        private long number;

        private @Nullable Link link;
        private boolean left;

        Carrier(Wire wire) {
            this.wire = wire;
            lane = wire == Wire.LONGPOLL ? new Lane(generator(), this) : null;
        }

        void attach() {
            Generator to = generator();
            switch (wire) {
                case WEBSOCKET ->
                    to.connect(
                            this, new WebSocketFraming(), WebSocketFraming.upgrade("/realtime/websocket", to.port()));
                case SSE -> to.connect(this, new EventStreamFraming(), PolywireHttp.post(to, "sse", headers(), ""));
                case LONGPOLL -> poll();
            }
        }

        private void poll() {
            if (lane != null) {
                lane.request(
                        Subscribers.ascii("GET /realtime/poll?wait=25000 HTTP/1.1\r\nHost: 127.0.0.1:"
                                + generator().port() + "\r\n" + headers() + "\r\n"),
                        this::polled);
            }
        }

        private void polled(Link by, int status, byte[] data, int head, int from, int to) {
            link = by;
            if (left) {
                return;
            }
            if (status != 200) {
                // A poll that a newer attach has overtaken.
                if (next == null || next == this) {
                    by.fail("a poll was answered " + status + ' '
                            + new String(data, from, to - from, StandardCharsets.UTF_8));
                }
                return;
            }
            PolywirePoll.frames(this, by, data, from, to);
            // R18: no poll while an attach is under way.
            if (!left && (next == null || next == this)) {
                poll();
            }
        }

        void up(String frame, boolean counted) {
            Link open = link;
            if (wire == Wire.WEBSOCKET && open != null) {
                open.send(WebSocketFraming.text(frame));
                return;
            }
            String headers = "Polywire-Session: " + session + "\r\nPolywire-Secret: " + secret + "\r\n"
                    + (counted ? "Polywire-First: 1\r\n" : "");
            generator()
                    .uplink()
                    .request(PolywireHttp.post(generator(), "send", headers, frame), (by, status, d, h, f, t) -> {
                        if (status != 200) {
                            generator().note("a POST was answered " + status);
                        }
                    });
        }

        void close() {
            left = true;
            Link open = link;
            if (open != null) {
                open.close();
            }
        }

        @Override
        public void connecting(long nanos) {
            if (attach == 0) {
                PolywireWanderer.this.connecting(nanos);
            }
        }

        @Override
        public void opened(Link by) {
            link = by;
            if (wire == Wire.WEBSOCKET) {
                by.send(WebSocketFraming.text(
                        session.isEmpty()
                                ? PolywireSubscriber.hello()
                                : PolywireSubscriber.hello()
                                        .replaceFirst(
                                                "}$",
                                                ",\"resume\":{\"session\":\"" + session + "\",\"secret\":\"" + secret
                                                        + "\",\"attach\":" + ++attach + ",\"received\":" + received
                                                        + ",\"confirmed\":" + confirmed + "}}")));
            }
        }

        @Override
        public void text(Link by, byte[] data, int from, int to) {
            if (left) {
                return;
            }
            String type = Subscriber.find(data, from, to) >= 0
                    ? "message"
                    : PolywireSubscriber.match(TYPE, new String(data, from, to - from, StandardCharsets.UTF_8));
            switch (type) {
                case "welcome" -> welcomed(this, new String(data, from, to - from, StandardCharsets.UTF_8));
                case "ping" -> {
                    String id = PolywireSubscriber.match(ID, new String(data, from, to - from, StandardCharsets.UTF_8));
                    up("{\"type\":\"pong\",\"count\":1" + (id.isEmpty() ? "}" : ",\"id\":\"" + id + "\"}"), false);
                }
                case "bye" -> {
                    if (next == null || next == this) {
                        generator().note(new String(data, from, to - from, StandardCharsets.UTF_8));
                    } else {
                        // Replaced by the next one, whose welcome is on its way.
                        close();
                    }
                }
                case "pong", "received" -> {}
                default -> numbered(by, type, data, from, to);
            }
        }

        private void numbered(Link by, String type, byte[] data, int from, int to) {
            number++;
            if (number <= received) {
                return;
            }
            if (number > received + 1) {
                by.fail("a frame was left out on " + wire);
                return;
            }
            received = number;
            bytes += to - from;
            if (type.equals("message")) {
                PolywireWanderer.this.text(by, data, from, to);
            } else if (type.equals("subscribed")) {
                begun = true;
                subscribed(by);
            } else {
                generator().note(new String(data, from, to - from, StandardCharsets.UTF_8));
            }
            if (bytes >= ACKNOWLEDGE_BYTES && wire != Wire.LONGPOLL && current == this) {
                acknowledge(this);
            }
        }

        @Override
        public void tick(Link by, long nanos) {
            PolywireWanderer.this.tick(this, nanos);
        }

        @Override
        public void closed(Link by) {
            if (left) {
                return;
            }
            left = true;
            if (next == this) {
                generator().note("an attach over " + wire + " failed");
                Carrier now = current;
                next = now == null || now.left ? new Carrier(Wire.WEBSOCKET) : null;
                if (next != null) {
                    next.attach();
                }
            } else if (next == null) {
                generator().lostConnection(by);
            }
        }
    }
}
