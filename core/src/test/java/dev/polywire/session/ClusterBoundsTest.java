package dev.polywire.session;

import static dev.polywire.session.Several.counted;
import static dev.polywire.session.Several.over;
import static dev.polywire.session.Several.poll;
import static dev.polywire.session.Several.post;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.ChannelOptions;
import dev.polywire.RateLimit;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.testing.MemoryCluster;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the options allow with several nodes can be passed from node to node; what could not be is refused when they are set. */
class ClusterBoundsTest {
    private static final String CHANNEL = "big:a";

    private static void most(RealtimeOptions options) {
        int most = ClusterBounds.RELAYED;
        options.namespace(
                "big",
                new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE).presence(true));
        options.session()
                .post(most)
                .window(most)
                .frame(most)
                .outbox(ClusterBounds.MOVED)
                .rate(new RateLimit(10_000, 100_000, most, 8 * most, 100));
        options.limits().address().bytes(0);
    }

    private static void assertRefused(Consumer<RealtimeOptions> change, String... words) {
        RealtimeOptions options = new RealtimeOptions();
        most(options);
        change.accept(options);
        assertThatThrownBy(() -> new OneNode(options, realtime -> realtime.cluster(new MemoryCluster().node())))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("With several nodes")
                .contains(words);
        new OneNode(options, realtime -> {}).close();
    }

    @Test
    void whatCouldNotBePassedOnIsRefused() {
        assertRefused(
                options -> options.session().post(ClusterBounds.RELAYED + 1), "session.post (3145729)", "3145728");
        assertRefused(options -> options.session().window(ClusterBounds.RELAYED + 1), "session.window (3145729)");
        assertRefused(options -> options.session().outbox(ClusterBounds.MOVED + 1), "session.outbox (16777217)");
        assertRefused(options -> options.session().channels(24_014), "session.channels (24014)", "channelLength (128)");
        try (Several several = new Several(1, options -> options.session().channels(24_013))) {
            assertThat(several.nodes).hasSize(1);
        }
    }

    private static JsonObject publish(int length) {
        return OneNode.publish("p", CHANNEL, "x".repeat(length));
    }

    /** A client that polls at one node for a session of another. */
    private static final class Polling {
        private final OneNode at;
        private final PaperWire first;
        private int attach;
        private int had;

        Polling(OneNode at, PaperWire first) {
            this.at = at;
            this.first = first;
        }

        /** Polls until there is a reply with messages, and returns it. */
        PaperWire messages() {
            PaperWire reply = next();
            while (reply.heard("message").isEmpty()) {
                reply = next();
            }
            return reply;
        }

        private PaperWire next() {
            PaperWire reply = poll(at, first, ++attach, had);
            Await.until("a reply", () -> reply.written().size() > 1);
            had += counted(reply);
            over(reply);
            return reply;
        }
    }

    @Test
    void theLargestPostAndTheLargestFrameOfAPollReachTheOtherNode() {
        try (Several several = new Several(2, ClusterBoundsTest::most)) {
            PaperWire first = several.a().open(PaperWire.poll());
            over(first);
            OneNode b = several.b();
            post(b, first, 1, OneNode.frame("subscribe", "s").put("channels", new JsonArray().add(CHANNEL)));
            Await.until(
                    "subscribed", () -> !several.a().session(first).channels().isEmpty());
            // The body of this POST is as long as may be, and so is the frame that its subscribers get, but for its
            // envelope.
            int room = ClusterBounds.RELAYED
                    - new JsonArray().add(publish(0)).toBuffer().length();
            assertThat(post(b, first, 2, publish(room))).isEqualTo(2);
            Polling client = new Polling(b, first);
            PaperWire large = client.messages();
            assertThat(large.heard("message").get(0).getString("payload")).hasSize(room);
        }
    }
}
