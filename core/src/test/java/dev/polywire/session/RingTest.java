package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The queue that is replayed by index, compared with a list. */
class RingTest {

    @Test
    void givesNothingBeyondItsEnds() {
        Ring<String> ring = new Ring<>();
        assertThatThrownBy(() -> ring.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(ring::removeFirst).isInstanceOf(IndexOutOfBoundsException.class);
        ring.add("a");
        assertThatThrownBy(() -> ring.get(1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> ring.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void behavesLikeAList() {
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Ring<Integer> ring = new Ring<>();
            List<Integer> model = new ArrayList<>();
            int growth = 1 + random.nextInt(9);
            for (int step = 0; step < 500; step++) {
                if (random.nextInt(10) < growth) {
                    ring.add(step);
                    model.add(step);
                } else if (!model.isEmpty() && random.nextInt(3) == 0) {
                    int index = random.nextInt(model.size());
                    ring.remove(index);
                    model.remove(index);
                } else if (!model.isEmpty()) {
                    assertThat(ring.removeFirst()).as("seed %d", seed).isEqualTo(model.remove(0));
                }
                assertThat(ring.size()).as("seed %d", seed).isEqualTo(model.size());
                if (!model.isEmpty()) {
                    int index = random.nextInt(model.size());
                    assertThat(ring.get(index)).as("seed %d", seed).isEqualTo(model.get(index));
                    ring.set(index, -step);
                    model.set(index, -step);
                }
                if (random.nextInt(200) == 0) {
                    ring.clear();
                    model.clear();
                }
                assertThat(ring.isEmpty()).as("seed %d", seed).isEqualTo(model.isEmpty());
            }
        }
    }
}
