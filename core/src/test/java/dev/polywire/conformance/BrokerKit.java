package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import dev.polywire.spi.Broker.Slice;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the tests of {@link BrokerConformance} are written with. */
abstract class BrokerKit {
    static final Keep KEEP = new Keep(100, Duration.ofMinutes(1));

    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private int names;
    Heard heard = new Heard();
    private @Nullable Broker made;

    /**
     * Makes the broker of one node, which remembers the ids of publishes for at least a minute. The kit sets the listener and closes it.
     *
     * @return a new one for each test
     */
    protected abstract Broker create();

    /**
     * Lets time pass for the broker: virtual time, or by waiting for it.
     *
     * @param time how much
     */
    protected abstract void pass(Duration time);

    @BeforeEach
    void open() {
        heard = new Heard();
        made = create();
        made.listen(heard);
    }

    @AfterEach
    void close() {
        Await.get("close", broker().close());
    }

    Broker broker() {
        Broker broker = made;
        if (broker == null) {
            throw new IllegalStateException("There is a broker only within a test.");
        }
        return broker;
    }

    String channel() {
        return "kit:" + run + "-" + ++names;
    }

    static Message message(String channel, int payload) {
        return new Message(channel, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
    }

    static Publication publication(String channel, int payload, Keep keep, @Nullable String dedupe) {
        return new Publication(message(channel, payload), keep, dedupe, null);
    }

    Receipt publish(String channel, int payload, Keep keep) {
        return Await.get("publish", broker().publish(publication(channel, payload, keep, null)));
    }

    Receipt publishOnce(String channel, int payload, String dedupe) {
        return Await.get("publish", broker().publish(publication(channel, payload, KEEP, dedupe)));
    }

    void publish(String channel, int from, int to, Keep keep) {
        for (int i = from; i <= to; i++) {
            publish(channel, i, keep);
        }
    }

    static Position position(Receipt receipt) {
        Position position = receipt.position();
        assertNotNull(position, "What is stored has a position.");
        return position;
    }

    Slice read(String channel, @Nullable Position since, int limit, boolean reverse) {
        return Await.get("read", broker().read(channel, KEEP, since, limit, reverse));
    }

    Slice read(String channel, @Nullable Position since) {
        return read(channel, since, 1000, false);
    }

    static List<Integer> payloads(List<Message> messages) {
        return messages.stream()
                .map(message -> message.payload().as(Integer.class))
                .toList();
    }

    static List<Long> offsets(List<Message> messages) {
        return messages.stream().map(Message::offset).toList();
    }

    @Nullable
    Position subscribe(String channel, Keep keep) {
        // Await.get does not take a null result.
        return Await.get("subscribe", broker().subscribe(channel, keep).map(top -> new Top(top)))
                .position();
    }

    private record Top(@Nullable Position position) {}
}
