package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How late a loop is. */
class LagTest {
    private final AtomicLong nanos = new AtomicLong(-7_000_000_000L);
    private final Lag lag = new Lag(nanos::get);

    private void pass(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }

    private void ticks(int count, long late) {
        for (int i = 0; i < count; i++) {
            lag.expect(50);
            pass(50 + late);
            lag.came();
        }
    }

    @Test
    @DisplayName("a loop that is in time has no lag")
    void inTime() {
        assertThat(lag.millis()).isZero();
        ticks(100, 0);
        assertThat(lag.millis()).isZero();
    }

    @Test
    @DisplayName("a single pause is a small part of the average, and is soon forgotten")
    void onePause() {
        ticks(1, 800);
        assertThat(lag.millis()).isEqualTo(100);
        ticks(30, 0);
        assertThat(lag.millis()).isLessThan(5);
    }

    @Test
    @DisplayName("lag that lasts is the average")
    void lasting() {
        ticks(50, 400);
        assertThat(lag.millis()).isBetween(390L, 400L);
    }

    @Test
    @DisplayName("a tick that does not come at all is seen by others")
    void stuck() {
        lag.expect(50);
        pass(50 + 16_000);
        assertThat(lag.millis()).isEqualTo(2000);
    }

    @Test
    @DisplayName("a loop that waits for nothing has no lag, whatever it had before")
    void resting() {
        ticks(50, 400);
        lag.rest();
        pass(100_000);
        assertThat(lag.millis()).isZero();
        ticks(1, 0);
        assertThat(lag.millis()).isZero();
    }
}
