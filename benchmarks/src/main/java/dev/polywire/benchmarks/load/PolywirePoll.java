package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;

/** A Polywire session that polls. The next poll acknowledges what the last one brought. */
final class PolywirePoll extends PolywireHttp {
    private final Lane lane;
    private long attach;

    PolywirePoll(Generator generator, String channel) {
        super(generator, channel);
        lane = new Lane(generator, this);
    }

    void open() {
        lane.request(post(generator(), "poll", "", hello()), this::polled);
    }

    @Override
    public void opened(Link link) {}

    private void poll() {
        attach++;
        lane.request(
                Subscribers.ascii("GET /realtime/poll?wait=25000 HTTP/1.1\r\nHost: 127.0.0.1:"
                        + generator().port() + "\r\n" + credentials + "Polywire-Attach: " + attach
                        + "\r\nPolywire-Received: " + received + "\r\nPolywire-Confirmed: " + confirmed + "\r\n\r\n"),
                this::polled);
    }

    private void polled(Link link, int status, byte[] data, int head, int from, int to) {
        if (status != 200) {
            link.fail(
                    "a poll was answered " + status + ' ' + new String(data, from, to - from, StandardCharsets.UTF_8));
            return;
        }
        frames(this, link, data, from, to);
        if (!link.isClosed()) {
            poll();
        }
    }

    /** Hands over each frame of an array; no text in them holds a brace. */
    static void frames(Owner owner, Link link, byte[] data, int from, int to) {
        int depth = 0;
        int begin = from;
        for (int i = from; i < to; i++) {
            if (data[i] == '{') {
                if (depth++ == 0) {
                    begin = i;
                }
            } else if (data[i] == '}' && --depth == 0) {
                owner.text(link, data, begin, i + 1);
            }
        }
    }

    // The next poll says it.
    @Override
    void acknowledge(Link link) {}

    @Override
    public void tick(Link link, long nanos) {}
}
