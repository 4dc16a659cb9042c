package dev.polywire.benchmarks.load;

/** A subscriber that polls raw Vert.x: each reply says where to go on, and has a message on each further line. */
final class VertxPoll extends Subscriber {
    private final Lane lane;
    private final String path;

    VertxPoll(Generator generator, int channel) {
        super(generator);
        lane = new Lane(generator, this);
        path = "/poll/" + channel;
    }

    void open() {
        lane.request(Subscribers.get(path, generator().port()), this::polled);
    }

    private void polled(Link link, int status, byte[] data, int head, int from, int to) {
        if (status != 200) {
            link.fail("a poll was answered " + status);
            return;
        }
        subscribed(null);
        long next = 0;
        int at = from;
        for (; data[at] != '\n'; at++) {
            next = next * 10 + data[at] - '0';
        }
        for (int begin = at + 1; begin < to; begin = at + 1) {
            at = begin;
            while (data[at] != '\n') {
                at++;
            }
            text(link, data, begin, at);
        }
        lane.request(Subscribers.get(path + '/' + next, generator().port()), this::polled);
    }

    @Override
    public void opened(Link link) {}

    @Override
    void other(Link link, byte[] data, int from, int to) {}
}
