package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

class MeterTest {
    private final AtomicLongArray times = new AtomicLongArray(new long[] {Meter.FULL, Meter.FULL});

    private static Meter meter(int perSecond) {
        Meter meter = Meter.of(perSecond);
        assertThat(meter).isNotNull();
        return meter;
    }

    private static int taken(Meter meter, AtomicLongArray times, long now, int attempts) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += meter.take(times, 0, now, 1) == 0 ? 1 : 0;
        }
        return taken;
    }

    @Test
    void nothingIsNoLimit() {
        assertThat(Meter.of(0)).isNull();
    }

    @Test
    void holdsTenSecondsWorthAndRegainsItsRate() {
        Meter meter = meter(3);
        assertThat(taken(meter, times, 5000, 100)).isEqualTo(30);
        assertThat(taken(meter, times, 5999, 100)).isEqualTo(2);
        assertThat(taken(meter, times, 6000, 100)).isEqualTo(1);
        assertThat(taken(meter, times, 8000, 100)).isEqualTo(6);
        assertThat(taken(meter, times, 1_000_000, 100)).isEqualTo(30);
    }

    @Test
    void saysWhenTheAmountIsThere() {
        Meter meter = meter(1000);
        assertThat(meter.take(times, 0, 0, 10_000)).isZero();
        assertThat(meter.take(times, 0, 0, 250)).isEqualTo(250);
        assertThat(meter.take(times, 0, 249, 250)).isEqualTo(1);
        assertThat(meter.take(times, 0, 250, 250)).isZero();
    }

    @Test
    void whatIsRefusedIsNotTaken() {
        Meter meter = meter(10);
        assertThat(meter.take(times, 0, 0, 95)).isZero();
        assertThat(meter.take(times, 0, 0, 6)).isEqualTo(100);
        assertThat(meter.take(times, 0, 0, 5)).isZero();
    }

    @Test
    void moreThanItHoldsTakesAllThatItHolds() {
        Meter meter = meter(1);
        assertThat(meter.take(times, 0, 0, Integer.MAX_VALUE)).isZero();
        assertThat(meter.take(times, 0, 0, 1)).isEqualTo(1000);
        assertThat(meter.take(times, 0, 10_000, Integer.MAX_VALUE)).isZero();
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        Meter meter = meter(1);
        assertThat(taken(meter, times, 0, 10)).isEqualTo(10);
        meter.giveBack(times, 0, 1);
        assertThat(taken(meter, times, 0, 10)).isEqualTo(1);
    }

    @Test
    void bucketsOfOneOwnerAreApart() {
        Meter meter = meter(1);
        assertThat(taken(meter, times, 0, 10)).isEqualTo(10);
        assertThat(meter.take(times, 1, 0, 10)).isZero();
    }

    @Test
    void aClockThatIsSetBackLocksNobodyOut() {
        Meter meter = meter(1);
        assertThat(taken(meter, times, 10_000_000, 10)).isEqualTo(10);
        assertThat(meter.take(times, 0, 1000, 1)).isEqualTo(1000);
        assertThat(taken(meter, times, 1000, 10)).isZero();
        assertThat(taken(meter, times, 2000, 10))
                .as("it goes on from where the clock is")
                .isEqualTo(1);
        assertThat(taken(meter, times, 10_001_000, 20)).isEqualTo(10);
    }

    @Test
    void timeMayBeginBelowZero() {
        Meter meter = meter(1);
        assertThat(taken(meter, times, -5000, 20)).isEqualTo(10);
        assertThat(taken(meter, times, -4000, 20)).isEqualTo(1);
    }

    @Test
    void agreesWithATokenBucket() {
        long seed = System.nanoTime() & 0xffffff;
        Random random = new Random(seed);
        Meter meter = meter(1000);
        TokenBucket bucket = new TokenBucket(1000, 10_000, 0);
        long now = 0;
        for (int i = 0; i < 100_000; i++) {
            now += random.nextInt(5);
            long amount = random.nextInt(6);
            if (amount > 0) {
                assertThat(meter.take(times, 0, now, amount) == 0)
                        .as("seed %s step %s", seed, i)
                        .isEqualTo(bucket.tryTake(now, amount));
            }
        }
    }

    @Test
    void threadsThatShareItTakeNoMoreThanThereIs() throws InterruptedException {
        Meter meter = meter(1000);
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(1);
        AtomicInteger taken = new AtomicInteger();
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                taken.addAndGet(taken(meter, times, 77, 10_000));
            });
        }
        start.countDown();
        pool.shutdown();
        assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(taken.get()).isEqualTo(10_000);
    }
}
