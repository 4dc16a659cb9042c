package dev.polywire.examples.board;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UpdateLogTest {
    private final UpdateLog log = new UpdateLog();

    @Test
    void whatCameDuringAMergeStaysBehindIt() {
        log.add("aaaa");
        log.add("bbbb");
        UpdateLog.Work work = log.work();
        log.add("cccc");

        assertThat(log.merged(work, "ab")).isTrue();

        assertThat(log.updates()).containsExactly("ab", "cccc");
    }

    @Test
    void aMergeOfWhatIsNoLongerThereChangesNothing() {
        log.add("aaaa");
        log.add("bbbb");
        UpdateLog.Work late = log.work();
        log.merged(log.work(), "ab");
        log.add("cccc");

        assertThat(log.merged(late, "xx")).isFalse();
        assertThat(log.merged(log.work(), "")).isFalse();
        assertThat(log.merged(log.work(), "larger than both")).isFalse();

        assertThat(log.updates()).containsExactly("ab", "cccc");
    }

    @Test
    void itIsBoundedAndThereIsRoomAgainAfterAMerge() {
        String large = "x".repeat(UpdateLog.MOST / 2);
        assertThat(log.add(large)).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(log.add(large)).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(log.add("y")).isEqualTo(UpdateLog.Offer.NOT_NOW);
        assertThat(log.wantsMerge()).isTrue();

        log.merged(log.work(), large);

        assertThat(log.wantsMerge()).isFalse();
        assertThat(log.add("y")).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(new UpdateLog().add("x".repeat(UpdateLog.MOST + 1))).isEqualTo(UpdateLog.Offer.FULL);
    }

    @Test
    void whateverHappensNothingIsDroppedThatAMergeDoesNotHold() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Character> all = new ArrayList<>();
        List<UpdateLog.Work> asked = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            if (random.nextInt(10) > 0) {
                char update = (char) ('a' + i);
                all.add(update);
                log.add(String.valueOf(update));
            }
            if (random.nextInt(20) == 0) {
                asked.add(log.work());
            }
            if (!asked.isEmpty() && random.nextInt(20) == 0) {
                // An answer may be late, or come for the second time.
                UpdateLog.Work work = asked.get(random.nextInt(asked.size()));
                log.merged(work, String.join("", work.updates()));
            }
        }
        assertThat(String.join("", log.updates())
                        .chars()
                        .mapToObj(c -> (char) c)
                        .toList())
                .as("seed %d", seed)
                .isEqualTo(all);
        assertThat(log.updates().size()).isLessThan(all.size());
    }
}
