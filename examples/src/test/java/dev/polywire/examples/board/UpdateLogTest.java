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
        add("aaaa");
        add("bbbb");
        UpdateLog.Work work = log.work();
        add("cccc");

        assertThat(log.merged(work, "ab")).isTrue();

        assertThat(log.updates()).containsExactly("ab", "cccc");
    }

    @Test
    void aMergeOfWhatIsNoLongerThereChangesNothing() {
        add("aaaa");
        add("bbbb");
        UpdateLog.Work late = log.work();
        log.merged(log.work(), "ab");
        add("cccc");

        assertThat(log.merged(late, "xx")).isFalse();
        assertThat(log.merged(log.work(), "")).isFalse();
        assertThat(log.merged(log.work(), "larger than both")).isFalse();

        assertThat(log.updates()).containsExactly("ab", "cccc");
    }

    @Test
    void itIsBoundedAndThereIsRoomAgainAfterAMerge() {
        String half = "x".repeat(UpdateLog.ROOM / 2);
        assertThat(add(half)).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(add(half)).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(add("y")).isEqualTo(UpdateLog.Offer.NOT_NOW);
        assertThat(log.wantsMerge()).isTrue();

        log.merged(log.work(), half);

        assertThat(log.wantsMerge()).isFalse();
        assertThat(add("y")).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(add("x".repeat(UpdateLog.ROOM + 1))).isEqualTo(UpdateLog.Offer.FULL);
    }

    @Test
    void oneLargeUpdateIsHandedOutAsWell() {
        add("x".repeat(UpdateLog.ROOM));
        assertThat(log.wantsMerge()).isTrue();
        assertThat(add("y")).isEqualTo(UpdateLog.Offer.NOT_NOW);

        // Nothing in it could be read.
        log.merged(log.work(), "AAA=");

        assertThat(log.wantsMerge()).isFalse();
        assertThat(add("y")).isEqualTo(UpdateLog.Offer.KEPT);
    }

    @Test
    void whatIsFullCanBeFreedByRemoving() {
        String whole = "x".repeat(UpdateLog.ROOM);
        add(whole);
        log.merged(log.work(), whole);
        assertThat(add("y")).isEqualTo(UpdateLog.Offer.FULL);
        assertThat(log.wantsMerge()).as("in vain").isFalse();

        assertThat(log.add("remove", true)).isEqualTo(UpdateLog.Offer.KEPT);
        assertThat(log.wantsMerge()).isTrue();
        assertThat(add("y")).isEqualTo(UpdateLog.Offer.NOT_NOW);
        log.merged(log.work(), "x");

        assertThat(add("y")).isEqualTo(UpdateLog.Offer.KEPT);
        // Also that has an end.
        assertThat(log.add("z".repeat(UpdateLog.MOST + 1), true)).isEqualTo(UpdateLog.Offer.FULL);
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
                add(String.valueOf(update));
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

    private UpdateLog.Offer add(String update) {
        return log.add(update, false);
    }
}
