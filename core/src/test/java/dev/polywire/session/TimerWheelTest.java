package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Deadlines are met late by at most one slot, never early, and never twice. */
class TimerWheelTest {
    private static final long SLOT = TimerWheel.SLOT;
    private static final long TURN = 1024 * SLOT;

    private final List<Long> ran = new ArrayList<>();
    private long now = 12_345;
    private final TimerWheel wheel = new TimerWheel(now);

    private void set(long deadline) {
        wheel.at(deadline, () -> ran.add(now));
    }

    private void to(long then) {
        now = then;
        wheel.advance(now);
    }

    private long runsAt(long deadline, long step) {
        set(deadline);
        for (int turns = 0; ran.isEmpty() && turns < 10_000; turns++) {
            to(now + step);
        }
        return ran.get(0);
    }

    @Test
    void isNeverEarlyAndLateByAtMostASlot() {
        for (long wait = 0; wait <= 3 * SLOT; wait++) {
            ran.clear();
            long deadline = now + wait;
            assertThat(runsAt(deadline, 1)).isBetween(deadline, deadline + SLOT);
        }
        assertThat(wheel.size()).isZero();
    }

    @Test
    void keepsADeadlineBeyondAFullTurn() {
        long deadline = now + 3 * TURN + 7;
        assertThat(runsAt(deadline, SLOT)).isBetween(deadline, deadline + 2 * SLOT);
    }

    @Test
    void runsWhatIsOverdueAtOnce() {
        set(now - 5_000);
        to(now + SLOT);
        assertThat(ran).hasSize(1);
    }

    @Test
    void findsEverythingAfterAPauseOfManyTurns() {
        for (long wait = 0; wait < 2 * TURN; wait += 333) {
            set(now + wait);
        }
        int all = wheel.size();
        to(now + 5 * TURN);
        assertThat(ran).hasSize(all);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void doesNotRunWhatWasCancelledAndForgetsIt() {
        TimerWheel.Timer timer = wheel.at(now + 100, () -> ran.add(now));
        TimerWheel.Timer other = wheel.at(now + 100, timer::cancel);
        timer.cancel();
        to(now + 200);
        other.cancel();
        assertThat(ran).isEmpty();
        assertThat(wheel.size()).isZero();
    }

    @Test
    void aTaskMayCancelTheNextOneOfItsSlot() {
        List<TimerWheel.Timer> both = new ArrayList<>();
        both.add(wheel.at(now + 5, () -> both.get(1).cancel()));
        both.add(wheel.at(now + 5, () -> ran.add(now)));
        to(now + 100);
        assertThat(ran).isEmpty();
    }

    @Test
    void aTaskMaySetTimersAlsoDuringALongPausesTurn() {
        wheel.at(now + SLOT, () -> set(now));
        to(now + 100 * SLOT);
        to(now + 2 * SLOT);
        assertThat(ran).hasSize(1);
    }

    /** A period is counted from the deadline before: after a pause that is in the past, in slots that were just looked at. */
    @Test
    void aTaskMaySetATimerThatIsOverdueAlready() {
        long past = now;
        wheel.at(now + 50 * SLOT, () -> set(past));
        to(now + 100 * SLOT);
        to(now + 2 * SLOT);
        assertThat(ran).as("not a full turn later").hasSize(1);
    }

    @Test
    void aTaskThatFailsHarmsNoOther() {
        set(now + 5);
        wheel.at(now + 5, () -> {
            throw new Thrown();
        });
        set(now + 5);
        to(now + 100);
        assertThat(ran).hasSize(2);
        set(now + 100);
        to(now + 200);
        assertThat(ran).hasSize(3);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void anErrorHarmsNoOther() {
        set(now + 5);
        wheel.at(now + 5, () -> {
            throw new AssertionError("thrown by a test");
        });
        set(now + 5);
        to(now + 100);
        assertThat(ran).hasSize(2);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void whatTheVirtualMachineSuffersGoesOnAndTheOthersFollow() {
        set(now + 5);
        wheel.at(now + 5, () -> {
            throw new StackOverflowError("thrown by a test");
        });
        set(now + 5);
        assertThatThrownBy(() -> to(now + 100)).isInstanceOf(StackOverflowError.class);
        to(now + SLOT);
        assertThat(ran).hasSize(2);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void holdsNothingOfWhatWasCancelled() throws Exception {
        TimerWheel.Timer timer = wheel.at(now + TURN, () -> ran.add(now));
        timer.cancel();
        Field task = TimerWheel.Timer.class.getDeclaredField("task");
        task.setAccessible(true);
        assertThat(task.get(timer)).isNull();
    }

    @Test
    void behavesLikeAListOfDeadlines() {
        for (long seed = 0; seed < 200; seed++) {
            compare(seed);
        }
    }

    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        Thrown() {
            super("thrown by a test, and logged because of that", null, false, false);
        }
    }

    /** One timer of the model. */
    private static final class Expected {
        private long deadline;
        private boolean over;
        private TimerWheel.Timer timer;
    }

    private void compare(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TimerWheel tested = new TimerWheel(now);
        List<Expected> all = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            if (random.nextInt(3) > 0) {
                Expected one = new Expected();
                one.deadline = now + random.nextLong(random.nextBoolean() ? 200 : 3 * TURN);
                one.timer = tested.at(one.deadline, () -> {
                    assertThat(one.over).as("seed %d: twice or cancelled", seed).isFalse();
                    assertThat(now).as("seed %d: early", seed).isGreaterThanOrEqualTo(one.deadline);
                    one.over = true;
                });
                all.add(one);
            } else if (!all.isEmpty()) {
                Expected one = all.get(random.nextInt(all.size()));
                one.timer.cancel();
                one.over = true;
            }
            now += random.nextLong(random.nextInt(20) == 0 ? 2 * TURN : 60);
            tested.advance(now);
            for (Expected one : all) {
                assertThat(one.over || now <= one.deadline + SLOT)
                        .as("seed %d: late", seed)
                        .isTrue();
            }
        }
    }
}
