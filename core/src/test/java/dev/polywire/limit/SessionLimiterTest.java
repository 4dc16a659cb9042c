package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.polywire.RateLimit;
import dev.polywire.limit.SessionLimiter.Verdict;
import dev.polywire.limit.SessionLimiter.Verdict.Kind;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionLimiterTest {

    @Test
    void oneCostsAFewDozenBytes() {
        RateLimit limit = new RateLimit(10, 2, 1000, 1000, 5);
        SessionLimiter[] all = new SessionLimiter[10_000];
        all[0] = new SessionLimiter(limit, 0);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < all.length; i++) {
            all[i] = new SessionLimiter(limit, i);
        }
        assertThat((threads.getCurrentThreadAllocatedBytes() - before) / all.length)
                .isBetween(16L, 64L);
        assertThat(all[all.length - 1].charge(all.length, 1)).isSameAs(Verdict.OK);
    }

    @Test
    void framesAreLimited() {
        SessionLimiter limiter = new SessionLimiter(new RateLimit(10, 2, 1000, 1000, 5), 0);
        assertThat(limiter.charge(0, 1)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(0, 1).ok()).isTrue();
        assertThat(limiter.charge(0, 1)).isEqualTo(new Verdict(Kind.REFUSED, 100));
        assertThat(limiter.charge(100, 1)).isSameAs(Verdict.OK);
    }

    @Test
    void bytesAreLimited() {
        SessionLimiter limiter = new SessionLimiter(new RateLimit(1000, 1000, 1000, 5000, 5), 0);
        assertThat(limiter.charge(0, 4000)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(0, 1500)).isEqualTo(new Verdict(Kind.REFUSED, 500));
        assertThat(limiter.charge(500, 1500)).isSameAs(Verdict.OK);
    }

    @Test
    void aRefusedFrameIsChargedToNeitherBucket() {
        SessionLimiter limiter = new SessionLimiter(new RateLimit(1, 2, 1, 1000, 5), 0);
        assertThat(limiter.charge(0, 900)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(0, 200).kind()).isEqualTo(Kind.REFUSED);
        assertThat(limiter.charge(0, 100))
                .as("both the frame and the bytes are still there")
                .isSameAs(Verdict.OK);
        SessionLimiter other = new SessionLimiter(new RateLimit(1, 1, 1, 1000, 5), 0);
        assertThat(other.charge(0, 100)).isSameAs(Verdict.OK);
        assertThat(other.charge(0, 900).retryAfter()).isEqualTo(1000);
        assertThat(other.charge(1000, 900)).as("its bytes were not taken").isSameAs(Verdict.OK);
    }

    @Test
    void aFrameLargerThanTheBurstCostsAllOfIt() {
        SessionLimiter limiter = new SessionLimiter(new RateLimit(100, 100, 1000, 1000, 5), 0);
        assertThat(limiter.charge(0, Integer.MAX_VALUE)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(0, 1).kind()).isEqualTo(Kind.REFUSED);
        assertThat(limiter.charge(1000, 5000)).isSameAs(Verdict.OK);
    }

    @Test
    void oneRefusalTooManyIsAbuseAndPatienceComesBackEverySecond() {
        SessionLimiter limiter = new SessionLimiter(new RateLimit(1, 1, 1, 1_000_000, 3), 0);
        assertThat(limiter.charge(0, 1)).isSameAs(Verdict.OK);
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.charge(0, 1).kind()).isEqualTo(Kind.REFUSED);
        }
        assertThat(limiter.charge(0, 1)).isSameAs(Verdict.ABUSE);
        assertThat(limiter.charge(999, 1)).isSameAs(Verdict.ABUSE);
        assertThat(limiter.charge(1000, 1)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(1000, 1).kind())
                .as("one refusal was regained")
                .isEqualTo(Kind.REFUSED);
        assertThat(limiter.charge(1000, 1)).isSameAs(Verdict.ABUSE);
    }

    @Test
    void longIdleTimesAndClocksThatLeapDoNoHarm() {
        int most = Integer.MAX_VALUE;
        SessionLimiter limiter = new SessionLimiter(new RateLimit(1_000_000, most, most, most, most), Long.MIN_VALUE);
        assertThat(limiter.charge(Long.MAX_VALUE, most)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(Long.MIN_VALUE, most).retryAfter()).isEqualTo(1000);
        assertThat(limiter.charge(Long.MAX_VALUE, most)).isSameAs(Verdict.OK);
        assertThat(limiter.charge(0, 0)).isSameAs(Verdict.OK);
    }

    /** The three buckets of a limiter are three buckets. */
    @Test
    void itAgreesWithThreeBuckets() {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            RateLimit limit = new RateLimit(
                    1 + random.nextInt(50),
                    1 + random.nextInt(20),
                    1 + random.nextInt(5000),
                    1 + random.nextInt(5000),
                    1 + random.nextInt(10));
            SessionLimiter limiter = new SessionLimiter(limit, 0);
            TokenBucket messages = new TokenBucket(limit.messages(), limit.messageBurst(), 0);
            TokenBucket bytes = new TokenBucket(limit.bytes(), limit.byteBurst(), 0);
            TokenBucket refusals = new TokenBucket(1, limit.refusals(), 0);
            long now = 0;
            for (int i = 0; i < 200; i++) {
                now += random.nextInt(200) - 10;
                int size = random.nextInt(limit.byteBurst() + 1);
                long wait = Math.max(messages.retryAfter(now, 1), bytes.retryAfter(now, size));
                Verdict expected;
                if (wait == 0) {
                    messages.tryTake(now, 1);
                    bytes.tryTake(now, size);
                    refusals.tryTake(now, 0);
                    expected = Verdict.OK;
                } else {
                    expected = refusals.tryTake(now, 1) ? new Verdict(Kind.REFUSED, wait) : Verdict.ABUSE;
                }
                assertThat(limiter.charge(now, size)).as("seed " + seed).isEqualTo(expected);
            }
        }
    }
}
