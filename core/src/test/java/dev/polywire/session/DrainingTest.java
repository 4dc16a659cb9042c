package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When which session is given away, by a clock that the test moves. */
class DrainingTest {
    private record Due(long at, Runnable task) {}

    private final PriorityQueue<Due> timers = new PriorityQueue<>((one, other) -> Long.compare(one.at(), other.at()));
    private long now;

    private final Set<Integer> there = new LinkedHashSet<>();
    private final Map<Integer, Long> given = new HashMap<>();

    private Draining draining(long seed) {
        return new Draining((millis, task) -> timers.add(new Due(now + millis, task)), new Random(seed));
    }

    private Collection<Integer> all() {
        return List.copyOf(there);
    }

    private Future<Void> give(int session) {
        there.remove(session);
        given.put(session, now);
        return Future.succeededFuture();
    }

    private void run() {
        for (Due next = timers.poll(); next != null; next = timers.poll()) {
            now = next.at();
            next.task().run();
        }
    }

    private void come(int from, int to) {
        for (int i = from; i < to; i++) {
            there.add(i);
        }
    }

    private static Map<Long, Integer> perSlice(Collection<Long> times, long width) {
        Map<Long, Integer> slices = new HashMap<>();
        times.forEach(time -> slices.merge(time / width, 1, Integer::sum));
        return slices;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sessionsGoEvenlyButNotInStep(long seed) {
        come(0, 1_000);
        Future<Void> done = draining(seed).drain(this::all, this::give, 60_000);
        assertThat(given.size()).as("given at once, seed %d", seed).isLessThanOrEqualTo(1);
        run();
        assertThat(done.succeeded()).isTrue();
        assertThat(given).hasSize(1_000);
        assertThat(now).isLessThanOrEqualTo(60_000);
        assertThat(perSlice(given.values(), 6_000).values()).as("seed %d", seed).allMatch(n -> n == 100);
        long offsets = given.values().stream().map(at -> at % 60).distinct().count();
        assertThat(offsets).as("offsets of seed %d", seed).isGreaterThan(30);
        List<Integer> order = new ArrayList<>(given.keySet());
        order.sort((one, other) -> Long.compare(given.getOrDefault(one, 0L), given.getOrDefault(other, 0L)));
        assertThat(order)
                .as("seed %d", seed)
                .isNotEqualTo(order.stream().sorted().toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {400, 60_000})
    void whoCameMeanwhileGoesEvenlyToo(long millis) {
        come(0, 10);
        boolean[] came = {false};
        Promise<Void> last = Promise.promise();
        Future<Void> done = draining(7)
                .drain(
                        this::all,
                        session -> {
                            if (!came[0]) {
                                came[0] = true;
                                come(100, 200);
                            }
                            // The last one takes its time to be written.
                            return session < 100 && given.size() == 9
                                    ? give(session).compose(v -> last.future())
                                    : give(session);
                        },
                        millis);
        run();
        assertThat(given).hasSize(10);
        long began = now;
        last.complete();
        run();
        assertThat(done.succeeded()).isTrue();
        assertThat(given).hasSize(110);
        long bound = Math.min(millis, 1_000);
        assertThat(now - began).isLessThanOrEqualTo(bound);
        List<Long> late = given.entrySet().stream()
                .filter(one -> one.getKey() >= 100)
                .map(one -> one.getValue() - began)
                .toList();
        assertThat(perSlice(late, bound / 4)).hasSize(4);
        assertThat(perSlice(late, bound / 4).values()).allMatch(n -> n <= 26);
    }

    @Test
    void oneByItselfDoesNotWaitForLongAndWithoutTimeNobodyDoes() {
        come(0, 1);
        draining(1).drain(this::all, this::give, 2_000);
        run();
        assertThat(now).isLessThanOrEqualTo(200);
        come(0, 50);
        long before = now;
        Future<Void> done = draining(1).drain(this::all, this::give, 0);
        assertThat(timers).isEmpty();
        assertThat(done.succeeded()).isTrue();
        assertThat(given.values().stream().filter(at -> at == before)).hasSize(50);
    }
}
