package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long MOST = Long.MAX_VALUE / 1_000_000;

    @Test
    void aBurstThenTheRate() {
        TokenBucket bucket = new TokenBucket(10, 5, 0);
        for (int i = 0; i < 5; i++) {
            assertThat(bucket.tryTake(0, 1)).isTrue();
        }
        assertThat(bucket.tryTake(0, 1)).isFalse();
        assertThat(bucket.retryAfter(0, 1)).isEqualTo(100);
        assertThat(bucket.retryAfter(0, 5)).isEqualTo(500);
        assertThat(bucket.tryTake(99, 1)).isFalse();
        assertThat(bucket.tryTake(100, 1)).isTrue();
        assertThat(bucket.tryTake(100, 0)).isTrue();
    }

    @Test
    void moreThanItHoldsNeverComes() {
        TokenBucket bucket = new TokenBucket(10, 5, 0);
        assertThat(bucket.tryTake(Long.MAX_VALUE, 6)).isFalse();
        assertThat(bucket.retryAfter(Long.MAX_VALUE, 6)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void manySmallStepsRegainAsMuchAsOneLargeStep() {
        TokenBucket bucket = new TokenBucket(3, 1000, 0);
        assertThat(bucket.tryTake(0, 1000)).isTrue();
        long taken = 0;
        for (long now = 1; now <= 100_000; now++) {
            taken += bucket.tryTake(now, 1) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(300);
    }

    @Test
    void aClockThatIsSetBackRegainsNothingAndLocksNobodyOut() {
        TokenBucket bucket = new TokenBucket(10, 5, 3_600_000);
        assertThat(bucket.tryTake(3_600_000, 5)).isTrue();
        assertThat(bucket.tryTake(0, 1)).isFalse();
        assertThat(bucket.tryTake(100, 1)).isTrue();
    }

    @Test
    void extremesDoNotOverflow() {
        TokenBucket slow = new TokenBucket(1, MOST, Long.MIN_VALUE);
        assertThat(slow.tryTake(Long.MIN_VALUE, MOST)).isTrue();
        assertThat(slow.retryAfter(Long.MIN_VALUE, MOST)).isEqualTo(MOST * 1000);
        assertThat(slow.tryTake(Long.MAX_VALUE, MOST)).isTrue();
        TokenBucket fast = new TokenBucket(MOST, MOST, Long.MAX_VALUE);
        assertThat(fast.tryTake(Long.MIN_VALUE, MOST)).isTrue();
        assertThat(fast.tryTake(Long.MIN_VALUE, 1)).isFalse();
        assertThat(fast.tryTake(Long.MIN_VALUE + 1, MOST / 1000)).isTrue();
        assertThat(fast.tryTake(-1, Long.MAX_VALUE)).isFalse();
        assertThat(fast.tryTake(0, MOST)).isTrue();
    }

    @Test
    void impossibleArgumentsAreRefused() {
        assertThatThrownBy(() -> new TokenBucket(0, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenBucket(1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenBucket(MOST + 1, 1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TokenBucket(1, 1, 0).tryTake(0, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Never more than burst + rate × time in any run, and {@code retryAfter} is exact to the millisecond. */
    @Test
    void whateverHappensTheLimitHolds() {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            long rate = 1 + random.nextInt(random.nextBoolean() ? 20 : 1_000_000);
            long burst = 1 + random.nextInt(random.nextBoolean() ? 20 : 1_000_000);
            long start = random.nextLong() / 2;
            TokenBucket bucket = new TokenBucket(rate, burst, start);
            long now = start;
            long taken = 0;
            for (int i = 0; i < 200; i++) {
                now += random.nextInt(random.nextBoolean() ? 3 : 2000);
                long amount = random.nextInt((int) burst + 1);
                long wait = bucket.retryAfter(now, amount);
                boolean took = bucket.tryTake(now, amount);
                assertThat(took).as("seed " + seed).isEqualTo(wait == 0);
                if (!took && random.nextBoolean()) {
                    assertThat(bucket.tryTake(now + wait - 1, amount))
                            .as("seed " + seed)
                            .isFalse();
                    now += wait;
                    took = bucket.tryTake(now, amount);
                    assertThat(took).as("seed " + seed).isTrue();
                }
                taken += took ? amount : 0;
                assertThat(taken * 1000).as("seed " + seed).isLessThanOrEqualTo(burst * 1000 + rate * (now - start));
            }
        }
    }
}
