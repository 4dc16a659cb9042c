package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Wires that are cut, fall silent and are switched at random, by hand-moved time: nothing is lost, repeated or reordered, either way. */
class InterleavingsTest {
    private static final int MESSAGES = 60;

    static LongStream seeds() {
        String one = System.getProperty("polywire.seed");
        return one == null ? LongStream.range(0, 100) : LongStream.of(Long.parseLong(one));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @DisplayName("a session over wires that come and go hands over exactly 1..N")
    void exactly(long seed) {
        Random random = new Random(seed);
        World world = new World();
        world.place.chance = random::nextDouble;
        LiveClient one = world.open(World.options());
        LiveClient two = world.open(World.options());
        List<Object> down = new ArrayList<>();
        List<Object> up = new ArrayList<>();
        one.channel("test:down").on("*", message -> down.add(message.payload()));
        two.channel("test:up").on("*", message -> up.add(message.payload()));
        one.channel("test:down").subscribe();
        two.channel("test:up").subscribe();
        world.place.pass(1000);
        List<Object> wanted = new ArrayList<>();
        String session = one.sessionId();
        for (int n = 1; n <= MESSAGES; n++) {
            wanted.add(n);
            one.channel("test:up").publish("N", n, new PublishOptions().ack(random.nextBoolean()));
            two.channel("test:down").publish("N", n);
            world.place.pass(random.nextInt(40));
            disturb(random, world.model, one);
        }
        world.model.mute.clear();
        world.model.down.clear();
        world.place.pass(300_000);
        assertThat(one.sessionId()).isEqualTo(session);
        assertThat(down).isEqualTo(wanted);
        assertThat(up).isEqualTo(wanted);
        assertThat(world.model.violations).isEmpty();
        assertThat(world.losses).isEmpty();
        assertThat(world.gaps).isEmpty();
    }

    private static void disturb(Random random, Model model, LiveClient client) {
        List<String> wires = ClientOptions.TRANSPORTS;
        String wire = wires.get(random.nextInt(wires.size()));
        switch (random.nextInt(8)) {
            case 0 -> client.dropWire();
            case 1, 2 -> client.switchTo(wire);
            case 3 ->
                List.copyOf(model.sessions.values()).stream()
                        .filter(session -> session.wire != null && session.id.equals(client.sessionId()))
                        .forEach(session -> session.wire.cut());
            case 4 -> model.down.add(wire);
            case 5 -> model.down.clear();
            default -> {
                // Nothing.
            }
        }
    }
}
