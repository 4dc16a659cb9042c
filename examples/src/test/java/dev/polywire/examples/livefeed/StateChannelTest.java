package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.client.ClientOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The channel of a state that changes much more often than its pages are told. */
@ExtendWith(VertxExtension.class)
class StateChannelTest {
    private static final int CHANGES = 3000;

    @Test
    void aClientIsToldOfTheNewestStateAtMostSoManyTimesASecond(Vertx vertx) throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        LiveFeed feed =
                Await.get("the feed", LiveFeed.start(vertx, LiveFeedSettings.parse("--port", "0"), new Hasty(begin)));
        List<JsonObject> frames = new CopyOnWriteArrayList<>();
        WebSocketClient client = vertx.createWebSocketClient();
        try {
            var socket = Await.get(
                    "a socket",
                    client.connect(new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(feed.port())
                            .setURI("/realtime/websocket")
                            .addSubProtocol("polywire.1.json")));
            socket.textMessageHandler(text -> frames.add(new JsonObject(text)));
            socket.writeTextMessage("{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}");
            socket.writeTextMessage("{\"type\":\"subscribe\",\"id\":\"1\",\"channels\":[\"metrics\"]}");
            JsonObject snapshot = Await.value(
                            "a snapshot",
                            Await.deadline(),
                            () -> frames.stream()
                                    .filter(frame -> "subscribed".equals(frame.getString("type")))
                                    .findFirst()
                                    .orElse(null))
                    .getJsonObject("snapshot");
            long start = System.nanoTime();
            begin.countDown();
            Await.until(
                    "the newest state",
                    Await.deadline(),
                    () -> changes(frames).stream().anyMatch(change -> change.getLong("to") == CHANGES));
            double seconds = (System.nanoTime() - start) / 1e9;

            List<JsonObject> changes = changes(frames);
            assertThat(changes.size()).isBetween(1, (int) Math.ceil(seconds * FeedNode.UPDATES) + 1);
            long version = snapshot.getLong("version");
            JsonObject state = snapshot.getJsonObject("state");
            for (JsonObject change : changes) {
                // Where more have given way than a change reaches, a page asks for the whole.
                if (change.getLong("from") <= version) {
                    state = MergePatch.apply(state, change.getJsonObject("patch"));
                    version = change.getLong("to");
                }
            }
            JsonObject whole = feed.snapshot();
            assertThat(whole.getLong("version")).isEqualTo(CHANGES);
            if (version == CHANGES) {
                assertThat(state).isEqualTo(whole.getJsonObject("state"));
            }
            assertThat(whole.getJsonObject("state").getJsonObject("sample").getInteger("value"))
                    .isEqualTo(CHANGES);
        } finally {
            client.close();
            Await.get("its end", feed.close().map(true));
        }
    }

    @Test
    void whoIsSlowEndsWithTheNewestStateOverEachWire(Vertx vertx) throws Exception {
        CountDownLatch begin = new CountDownLatch(1);
        List<StateViewer> quick = new ArrayList<>();
        Steady steady = new Steady(begin, quick);
        LiveFeed feed = Await.get("the feed", LiveFeed.start(vertx, LiveFeedSettings.parse("--port", "0"), steady));
        List<StateViewer> slow = new ArrayList<>();
        SlowProxy proxy = new SlowProxy(vertx, feed.port());
        try {
            for (String wire : ClientOptions.TRANSPORTS) {
                quick.add(new StateViewer(vertx, feed.port(), wire));
                slow.add(new StateViewer(vertx, proxy.port(), wire));
            }
            proxy.hold();
            long start = System.nanoTime();
            begin.countDown();
            for (StateViewer viewer : quick) {
                // All in all; the source waits no longer than usual for each step.
                Await.until(
                        viewer + " has the newest", Duration.ofSeconds(60), () -> viewer.version() == Steady.CHANGES);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            for (StateViewer viewer : slow) {
                assertThat(viewer.version())
                        .as("%s, that reads nothing", viewer)
                        .isZero();
            }
            proxy.release();

            JsonObject whole = feed.snapshot();
            assertThat(whole.getLong("version")).isEqualTo(Steady.CHANGES);
            for (int i = 0; i < quick.size(); i++) {
                StateViewer one = quick.get(i);
                StateViewer other = slow.get(i);
                Await.until(other + " has the newest", () -> other.version() == Steady.CHANGES);
                assertThat(one.taken())
                        .as("%s in %f s", one, seconds)
                        .isBetween(Steady.CHANGES / Steady.AT_ONCE, (int) Math.ceil(seconds * FeedNode.UPDATES) + 1);
                assertThat(other.taken())
                        .as("%s, with %d of the quick one", other, one.taken())
                        .isBetween(1, one.taken() / 2);
                assertThat(one.state()).isEqualTo(whole.getJsonObject("state"));
                assertThat(other.state()).isEqualTo(whole.getJsonObject("state"));
            }
        } finally {
            quick.forEach(StateViewer::close);
            slow.forEach(StateViewer::close);
            proxy.close();
            Await.get("its end", feed.close().map(true));
        }
    }

    private static List<JsonObject> changes(List<JsonObject> frames) {
        return frames.stream()
                .filter(frame -> "message".equals(frame.getString("type")))
                .map(frame -> frame.getJsonObject("payload"))
                .toList();
    }

    /** Changes thousands of times as fast as it can. */
    private record Hasty(CountDownLatch begin) implements Source {
        @Override
        public String channel() {
            return "metrics";
        }

        @Override
        public boolean isState() {
            return true;
        }

        @Override
        public JsonObject about() {
            return new JsonObject().put("kind", "machine");
        }

        @Override
        public void run(Sink sink) throws InterruptedException {
            if (!begin.await(30, TimeUnit.SECONDS)) {
                return;
            }
            for (int i = 1; i <= CHANGES; i++) {
                sink.put("sample", new JsonObject().put("value", i));
            }
        }
    }

    /**
     * Changes five times as often as those who are quick are told, however fast that is here, and so much that little of it fills a
     * client's window.
     */
    private record Steady(CountDownLatch begin, List<StateViewer> quick) implements Source {
        static final int CHANGES = 250;
        static final int AT_ONCE = 5;

        @Override
        public String channel() {
            return "metrics";
        }

        @Override
        public boolean isState() {
            return true;
        }

        @Override
        public JsonObject about() {
            return new JsonObject().put("kind", "machine");
        }

        @Override
        public void run(Sink sink) throws InterruptedException {
            if (!begin.await(30, TimeUnit.SECONDS)) {
                return;
            }
            for (int i = 1; i <= CHANGES; i++) {
                long before = i - 1;
                if (before % AT_ONCE == 0) {
                    Await.until("all have " + before, () -> quick.stream().allMatch(one -> one.version() >= before));
                }
                sink.put(
                        "sample",
                        new JsonObject()
                                .put("value", i)
                                .put("long", Character.toString('a' + i % 26).repeat(32 * 1024)));
            }
        }
    }
}
