package dev.polywire.benchmarks.load;

import dev.polywire.benchmarks.Stamp;
import dev.polywire.client.Channel;
import dev.polywire.client.ClientOptions;
import dev.polywire.client.PolywireClient;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A subscriber that is the Java client, as an application would use it: what it is handed is counted on the generator's thread. */
final class ClientSubscriber extends Subscriber {
    private final String channel;

    ClientSubscriber(Generator generator, String channel) {
        super(generator);
        this.channel = channel;
    }

    void open(Wire wire) {
        Generator to = generator();
        ClientOptions options = new ClientOptions().transports(List.of(wire.toString()));
        PolywireClient client =
                PolywireClient.create(to.vertx(), "http://127.0.0.1:" + to.port() + "/realtime", options);
        Channel here = client.channel(channel);
        here.on("*", message -> read(String.valueOf(message.payload())));
        client.onReset(reset -> to.soon(() -> to.note("reset: " + reset.reason())));
        client.onLost(loss -> to.soon(() -> to.note("lost: " + loss.reason())));
        client.onError(error -> to.soon(() -> to.note(String.valueOf(error.getMessage()))));
        connecting(System.nanoTime());
        client.connect()
                .compose(open -> here.subscribe())
                .onSuccess(subscribed -> to.soon(() -> subscribed(null)))
                .onFailure(failed -> to.soon(() -> to.note(String.valueOf(failed.getMessage()))));
    }

    private void read(String text) {
        long readAt = System.nanoTime();
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int hash = find(bytes, 0, bytes.length);
        long number = Stamp.number(bytes, hash);
        long sentAt = Stamp.nanos(bytes, hash);
        generator().soon(() -> took(number, sentAt, readAt));
    }

    // The client keeps its connections to itself.
    @Override
    public void opened(Link link) {}

    @Override
    void other(Link link, byte[] data, int from, int to) {}
}
