package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever one task throws, the loop's other tasks have their turn. */
class EventLoopTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong now = new AtomicLong(1_000);
    private final EventLoop loop = new EventLoop((ContextInternal) vertx.getOrCreateContext(), now::get);
    private final List<String> ran = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        Await.get("the end", vertx.close().map(true));
    }

    private static void fail(Class<? extends Throwable> fault) {
        if (fault == AssertionError.class) {
            throw new AssertionError("thrown by a test");
        } else if (fault == StackOverflowError.class) {
            throw new StackOverflowError("thrown by a test");
        }
        throw new IllegalStateException("thrown by a test");
    }

    private void onLoop(Runnable task) {
        Promise<Boolean> done = Promise.promise();
        loop.execute(() -> {
            task.run();
            done.complete(true);
        });
        Await.get("the loop", done.future());
    }

    private void awaitRun(String... names) {
        Await.until("the others' turn", () -> ran.containsAll(List.of(names)));
        assertThat(ran).containsExactly(names);
    }

    @ParameterizedTest
    @ValueSource(classes = {AssertionError.class, StackOverflowError.class, IllegalStateException.class})
    @DisplayName("deadlines go on after one that failed")
    void deadlines(Class<? extends Throwable> fault) {
        onLoop(() -> {
            loop.after(100, () -> ran.add("before"));
            loop.after(100, () -> fail(fault));
            loop.after(100, () -> ran.add("after"));
            loop.after(5_000, () -> ran.add("later"));
        });
        now.addAndGet(200);
        awaitRun("before", "after");
        now.addAndGet(10_000);
        awaitRun("before", "after", "later");
        onLoop(() -> loop.after(10, () -> ran.add("new")));
        now.addAndGet(100);
        awaitRun("before", "after", "later", "new");
    }

    @ParameterizedTest
    @ValueSource(classes = {AssertionError.class, StackOverflowError.class, IllegalStateException.class})
    @DisplayName("senders go on after one that failed")
    void senders(Class<? extends Throwable> fault) {
        loop.execute(() -> {
            loop.later(() -> ran.add("first"));
            loop.later(() -> fail(fault));
            loop.later(() -> ran.add("second"));
        });
        awaitRun("first", "second");
        loop.execute(() -> {
            loop.later(() -> loop.later(() -> ran.add("fourth")));
            loop.later(() -> ran.add("third"));
        });
        awaitRun("first", "second", "third", "fourth");
    }

    @ParameterizedTest
    @ValueSource(classes = {AssertionError.class, StackOverflowError.class, IllegalStateException.class})
    @DisplayName("tasks go on after one that failed")
    void tasks(Class<? extends Throwable> fault) {
        loop.execute(() -> fail(fault));
        loop.execute(() -> ran.add("next"));
        awaitRun("next");
    }

    @Test
    @DisplayName("a loop that is held up is seen to be late by others, and soon is in time again")
    void lag() {
        CountDownLatch held = new CountDownLatch(1);
        onLoop(() -> loop.after(1_000_000, () -> {}));
        loop.execute(() -> {
            try {
                assertThat(held.await(10, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Await.until("lag", () -> loop.lag().millis() > 10);
        held.countDown();
        Await.until("the end of the lag", () -> loop.lag().millis() < 5);
    }
}
