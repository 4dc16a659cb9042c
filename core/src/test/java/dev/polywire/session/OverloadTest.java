package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.OverloadOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The circuit breaker, with a heap and a loop that do as they are told. */
class OverloadTest {
    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile double heap;
    private volatile long lag;

    private Overload breaker(int percent, long millis) {
        OverloadOptions options = new OverloadOptions().heapPercent(percent).lag(Duration.ofMillis(millis));
        Overload breaker = new Overload(options, () -> lag, now::get);
        breaker.probes(
                () -> {
                    looks.incrementAndGet();
                    return heap;
                },
                () -> lag);
        return breaker;
    }

    private boolean open(Overload breaker) {
        now.addAndGet(Overload.HOLDS);
        return breaker.open();
    }

    @Test
    @DisplayName("opens when the heap is full, and closes when it is a fifth below that")
    void heap() {
        Overload breaker = breaker(90, 0);
        assertThat(open(breaker)).isFalse();
        heap = 0.89;
        assertThat(open(breaker)).isFalse();
        heap = 0.9;
        assertThat(open(breaker)).isTrue();
        heap = 0.75;
        assertThat(open(breaker)).isTrue();
        heap = 0.71;
        assertThat(open(breaker)).isFalse();
        heap = 0.85;
        assertThat(open(breaker)).isFalse();
    }

    @Test
    @DisplayName("opens when loops are late, and closes only when neither is too much any more")
    void both() {
        Overload breaker = breaker(90, 500);
        lag = 500;
        assertThat(open(breaker)).isTrue();
        heap = 0.8;
        lag = 0;
        assertThat(open(breaker)).as("the heap alone would not have opened it").isTrue();
        heap = 0.1;
        lag = 401;
        assertThat(open(breaker)).isTrue();
        lag = 400;
        assertThat(open(breaker)).isFalse();
    }

    @Test
    @DisplayName("does not look at what it is not to look at")
    void off() {
        Overload breaker = breaker(0, 0);
        heap = 1;
        lag = 1_000_000;
        assertThat(open(breaker)).isFalse();
        assertThat(looks.get()).isZero();
        Overload byLag = breaker(0, 1);
        assertThat(open(byLag)).isTrue();
    }

    @Test
    @DisplayName("looks ten times a second at the most")
    void looks() {
        Overload breaker = breaker(90, 0);
        for (int i = 0; i < 1000; i++) {
            now.incrementAndGet();
            breaker.open();
        }
        assertThat(looks.get()).isEqualTo(10);
    }

    @Test
    @DisplayName("tells an operator what it sees")
    void stats() {
        Overload breaker = breaker(90, 500);
        heap = 0.956;
        lag = 7;
        now.addAndGet(Overload.HOLDS);
        assertThat(breaker.addTo(new JsonObject()))
                .isEqualTo(new JsonObject()
                        .put("overloaded", true)
                        .put("overloads", 1L)
                        .put("heapPercent", 96L)
                        .put("loopLag", 7L));
    }

    @Test
    @DisplayName("what it goes by when nobody says otherwise are this machine's heap and loops")
    void reality() {
        Overload real = new Overload(new OverloadOptions(), () -> 3, now::get);
        JsonObject stats = real.addTo(new JsonObject());
        assertThat(stats.getLong("heapPercent")).isBetween(0L, 100L);
        assertThat(stats.getLong("loopLag")).isEqualTo(3);
    }
}
