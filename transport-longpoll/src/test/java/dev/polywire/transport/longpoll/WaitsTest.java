package dev.polywire.transport.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When polls are answered anyway, by a clock that is moved by hand. */
class WaitsTest {
    private static final long LATE = 50;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Told> told = new ArrayList<>();
    private long millis = 1_000_003;
    private final Waits.Wheel wheel = new Waits(() -> TimeUnit.MILLISECONDS.toNanos(millis)).on(channel.eventLoop());

    WaitsTest() {
        channel.freezeTime();
    }

    private final class Told extends Waits.Wait {
        private final long wanted;
        private long up = -1;

        Told(long wait) {
            super(wheel, wait);
            wanted = millis + wait;
        }

        @Override
        void up() {
            assertThat(up).isEqualTo(-1);
            up = millis;
            told.add(this);
        }
    }

    private void pass(long time) {
        for (long i = 0; i < time; i++) {
            millis++;
            channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    @Test
    void eachComesUpOnceNeverEarlyAndLateByASlotAtTheMost() {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        List<Told> waits = new ArrayList<>();
        List<Told> forgotten = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            Told wait = new Told(1 + random.nextInt(random.nextInt(10) == 0 ? 120_000 : 2_000));
            waits.add(wait);
            if (random.nextInt(3) == 0) {
                Told one = waits.get(random.nextInt(waits.size()));
                if (one.up < 0) {
                    one.forget();
                    one.forget();
                    forgotten.add(one);
                }
            }
            pass(random.nextInt(5));
        }
        pass(121_000);
        waits.removeAll(forgotten);
        assertThat(told).as("-Dpolywire.seed=" + seed).containsExactlyInAnyOrderElementsOf(waits);
        assertThat(told)
                .as("-Dpolywire.seed=" + seed)
                .allSatisfy(wait -> assertThat(wait.up).isBetween(wait.wanted, wait.wanted + LATE));
        assertThat(wheel.size()).isZero();
    }

    @Test
    void nothingTicksWhenNobodyWaits() {
        Told wait = new Told(500);
        wait.forget();
        pass(1000);
        assertThat(told).isEmpty();
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }
}
