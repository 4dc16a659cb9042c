package dev.polywire.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TallyTest {
    private final Tally tally = new Tally();

    private void messages(long... numbers) {
        for (long number : numbers) {
            tally.message(number);
        }
    }

    private void counts(long delivered, long lost, long repeated, long reordered) {
        assertThat(new long[] {tally.delivered, tally.lost, tally.repeated, tally.reordered})
                .containsExactly(delivered, lost, repeated, reordered);
    }

    @Test
    void allIsWell() {
        messages(1, 2, 3, 4);
        tally.end(4);
        counts(4, 0, 0, 0);
    }

    @Test
    void whatIsLeftOutIsLost() {
        messages(1, 2, 5);
        counts(3, 2, 0, 0);
    }

    @Test
    void whatIsMissingAtBothEndsIsLost() {
        messages(3, 4);
        tally.end(6);
        counts(2, 4, 0, 0);
    }

    @Test
    void whatComesAgainIsRepeated() {
        messages(1, 2, 2, 1, 3);
        counts(5, 0, 2, 0);
    }

    @Test
    void whatComesLateIsReorderedAndNotLost() {
        messages(1, 3, 2, 4);
        counts(4, 0, 0, 1);
    }

    @Test
    void whatComesLateTwiceIsRepeatedOnce() {
        messages(1, 3, 2, 2);
        counts(4, 0, 1, 1);
    }

    @Test
    void aLongGapForgetsWhatCameBefore() {
        messages(1, 200, 1, 150);
        counts(4, 197, 1, 1);
    }
}
