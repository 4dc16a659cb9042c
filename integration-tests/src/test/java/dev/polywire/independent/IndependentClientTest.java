package dev.polywire.independent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.independent.SmallClient.Transport;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the specification promises while all is well: answers, order, recovery, and exactly once from wire to wire. */
class IndependentClientTest extends ServerUnderTest {
    @ParameterizedTest
    @EnumSource
    void messagesComeBackInOrder(Transport transport) {
        SmallClient client = opened(transport);
        JsonObject subscribed = join(client.subscribe(channel, null));
        assertThat(subscribed.getString("type")).isEqualTo("subscribed");
        assertThat(subscribed.getJsonObject("position").getString("epoch")).isNotEmpty();

        List<CompletableFuture<JsonObject>> acks = IntStream.rangeClosed(1, 200)
                .mapToObj(n -> client.ask(SmallClient.publication(channel, n)))
                .toList();

        assertThat(acks)
                .allSatisfy(ack -> assertThat(join(ack).getString("type")).isEqualTo("ack"));
        client.await("200 messages", () -> client.messages.size() >= 200);
        assertThat(payloads(client, channel)).isEqualTo(numbers(200));
        List<Long> offsets = client.messages.stream()
                .map(message -> message.getLong("offset"))
                .toList();
        assertThat(offsets).doesNotHaveDuplicates().isSorted();
        // R12 and R28: what was accepted is told, so a client's queue does not stay full.
        client.await("everything confirmed", () -> client.confirmed() == client.sent());
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreAnsweredBothWays(Transport transport) {
        SmallClient client = opened(transport);
        JsonObject payload = new JsonObject().put("text", "ü\u2028\n€").put("list", List.of(1, 2.5, true));

        assertThat(join(client.request("echo", payload)).getValue("payload")).isEqualTo(payload);
        assertThat(join(client.request("test.ask", payload)).getValue("payload"))
                .as("asked back, and answered by the client")
                .isEqualTo(payload);
        JsonObject error = join(client.request("no.such.address", payload));
        assertThat(error.getString("type")).isEqualTo("error");
        assertThat(error.getString("code")).isEqualTo("not_found");
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void exactlyOnceFromWireToWire(Transport one, Transport other) {
        Random random = new Random(one.ordinal() * 3L + other.ordinal());
        String up = channel + "-up";
        String down = channel + "-down";
        SmallClient steady = opened(Transport.WEBSOCKET);
        SmallClient subject = opened(one);
        join(steady.subscribe(up, null));
        join(subject.subscribe(up, null));
        join(subject.subscribe(down, null));
        String session = subject.session;
        List<CompletableFuture<JsonObject>> acks = new ArrayList<>();
        int total = 0;

        for (int round = 0; round < 8; round++) {
            int until = subject.messages.size() + random.nextInt(20);
            total = publish(subject, up, steady, down, total, 30, acks);
            subject.await("some of round " + round, () -> subject.messages.size() >= until);
            // Every fourth time it moves while the old wire still works (R18).
            if (round % 4 != 3) {
                subject.cut();
            }
            total = publish(subject, up, steady, down, total, 10, acks);
            JsonObject welcome = join(subject.open(round % 2 == 0 ? other : one));
            assertThat(welcome.getBoolean("resumed")).as("%s", welcome).isTrue();
            assertThat(welcome.getString("session")).isEqualTo(session);
        }

        int all = total;
        subject.await("everything", () -> subject.messages.size() >= 2 * all && subject.confirmed() == subject.sent());
        steady.await("everything", () -> steady.messages.size() >= all);
        assertThat(acks)
                .allSatisfy(ack -> assertThat(join(ack).getString("type")).isEqualTo("ack"));
        // Whatever would come twice has come before the answer to this.
        join(steady.request("echo", "done"));
        join(subject.request("echo", "done"));
        assertThat(payloads(steady, up)).as("accepted").isEqualTo(numbers(all));
        assertThat(payloads(subject, up)).as("came back").isEqualTo(numbers(all));
        assertThat(payloads(subject, down)).as("received").isEqualTo(numbers(all));
        assertThat(subject.errors).isEmpty();
    }

    private static int publish(
            SmallClient subject,
            String up,
            SmallClient steady,
            String down,
            int from,
            int count,
            List<CompletableFuture<JsonObject>> acks) {
        for (int n = from + 1; n <= from + count; n++) {
            // Most have no id, so that nothing but the numbers can keep them from being published twice.
            if (n % 5 == 0) {
                acks.add(subject.ask(SmallClient.publication(up, n)));
            } else {
                subject.tell(SmallClient.publication(up, n));
            }
            steady.tell(SmallClient.publication(down, n));
        }
        return from + count;
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Transport.values())
                .flatMap(one -> Stream.of(Transport.values()).map(other -> Arguments.of(one, other)));
    }

    /** R18 and R39: a client's ping is answered, and its count agrees. (With long polling nothing waits for a pong.) */
    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE"})
    void aPingIsAnswered(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));
        client.mention(new JsonObject().put("type", "ping").put("id", "mine"));

        client.await("a pong", () -> !client.pongs.isEmpty());

        assertThat(client.pongs.get(0).getString("id")).isEqualTo("mine");
        assertThat(join(client.request("echo", 2)).getInteger("payload")).isEqualTo(2);
    }

    /** R32 and R33. */
    @ParameterizedTest
    @EnumSource
    void aSubscribeWithAPositionGoesOnFromThere(Transport transport) {
        SmallClient writer = opened(Transport.WEBSOCKET);
        JsonObject position = null;
        for (int n = 1; n <= 20; n++) {
            JsonObject ack = join(writer.ask(SmallClient.publication(channel, n)));
            position = n == 5 ? ack.getJsonObject("position") : position;
        }
        SmallClient reader = opened(transport);

        JsonObject subscribed = join(reader.subscribe(channel, position));

        assertThat(subscribed.getBoolean("recovered")).isTrue();
        assertThat(subscribed.getJsonObject("position")).isEqualTo(position);
        writer.tell(SmallClient.publication(channel, 21));
        reader.await("the rest", () -> reader.messages.size() >= 16);
        assertThat(payloads(reader, channel))
                .isEqualTo(IntStream.rangeClosed(6, 21).boxed().toList());
        assertThat(join(reader.subscribe(channel, position)).getBoolean("already"))
                .isTrue();
    }
}
