package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who was disconnected while a session was parked or on its way. */
class DisconnectMarksTest {
    private static final long KEEP = 120_000;

    private final AtomicLong clock = new AtomicLong(1_000);
    private final AtomicLong wall = new AtomicLong(1_000_000_000);
    private final DisconnectMarks marks = new DisconnectMarks(clock::get, wall::get);

    @Test
    void whatWasFrozenBeforeIsMeantAndWhatWasOpenedAfterIsNot() {
        long at = marks.next("ann");
        assertThat(at).isEqualTo(wall.get());
        assertThat(marks.last("ann")).isZero();
        marks.add("ann", at, KEEP);
        assertThat(marks.last("ann")).isEqualTo(at);
        assertThat(marks.meant("ann", at - 60_000, 0)).isTrue();
        assertThat(marks.meant("bob", at - 60_000, 0)).isFalse();
        assertThat(marks.meant(null, at - 60_000, 0)).isFalse();
        // A clock that is ahead.
        assertThat(marks.meant("ann", at + DisconnectMarks.SKEW, 0)).isTrue();
        assertThat(marks.meant("ann", at + DisconnectMarks.SKEW + 1, 0)).isFalse();
        // Its node knew of it when it was opened, whatever the clock there says.
        assertThat(marks.meant("ann", at - 5_000, at)).isFalse();
    }

    @Test
    void aDisconnectIsAlwaysLaterThanThoseThatAreKnown() {
        // From a node whose clock is ahead.
        long ahead = wall.get() + 8_000;
        marks.add("ann", ahead, KEEP);
        long next = marks.next("ann");
        assertThat(next).isEqualTo(ahead + 1);
        marks.add("ann", next, KEEP);
        marks.add("ann", ahead, KEEP);
        assertThat(marks.last("ann")).isEqualTo(next);
        // A session that was opened between the two.
        assertThat(marks.meant("ann", wall.get(), ahead)).isTrue();
    }

    @Test
    void marksEnd() {
        marks.add("ann", marks.next("ann"), KEEP);
        clock.addAndGet(KEEP - 1);
        assertThat(marks.last("ann")).isPositive();
        assertThat(marks.slice(0, 1)).hasSize(1);
        clock.addAndGet(1);
        assertThat(marks.last("ann")).isZero();
        assertThat(marks.meant("ann", 0, 0)).isFalse();
        assertThat(marks.slice(0, 1)).isEmpty();
        marks.add("bob", marks.next("bob"), KEEP);
        assertThat(marks.size()).isEqualTo(1);
    }

    @Test
    void whatDoesNotFitIsRefusedUntilOthersHaveEnded() {
        for (int i = 0; i < DisconnectMarks.MOST; i++) {
            assertThat(marks.add("u" + i, wall.get(), KEEP)).isTrue();
        }
        assertThat(marks.add("ann", wall.get(), KEEP)).isFalse();
        assertThat(marks.add("u7", wall.get() + 1, KEEP)).isTrue();
        clock.addAndGet(KEEP);
        assertThat(marks.add("ann", wall.get(), KEEP)).isTrue();
        assertThat(marks.size()).isEqualTo(1);
    }

    @Test
    void othersLearnThemInSlices() {
        for (int i = 0; i < 100; i++) {
            marks.add("u" + i, wall.get() + i, KEEP);
        }
        DisconnectMarks other = new DisconnectMarks(clock::get, wall::get);
        for (int slice = 0; slice < 3; slice++) {
            assertThat(marks.slice(slice, 3)).hasSizeLessThan(100);
            marks.slice(slice, 3).forEach(other::learn);
        }
        assertThat(other.size()).isEqualTo(100);
        assertThat(other.last("u42")).isEqualTo(marks.last("u42"));
    }
}
