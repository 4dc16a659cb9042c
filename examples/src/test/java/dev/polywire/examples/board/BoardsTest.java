package dev.polywire.examples.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.client.Channel;
import dev.polywire.client.ClientOptions;
import dev.polywire.client.PolywireClient;
import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server keeps of boards, and for how long, as its clients see it. */
class BoardsTest {
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final AtomicInteger merges = new AtomicInteger();
    private Vertx vertx;
    private Board board;
    private PolywireClient client;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        board = Await.get("the board", Board.start(vertx, DemoSettings.parse("--port", "0"), clock::get));
        client = client();
    }

    private PolywireClient client() {
        PolywireClient made = PolywireClient.create(
                vertx, "http://127.0.0.1:" + board.port() + "/realtime", new ClientOptions().remember(false));
        Await.get("a session", made.connect().map(true));
        return made;
    }

    @AfterEach
    void stop() {
        Await.get("the client's end", client.close().map(true));
        Await.get("the board's end", board.close().map(true));
        Await.get("the end of Vert.x", vertx.close().map(true));
    }

    @Test
    void whoOpensManyBoardsTakesNobodysAway() {
        visit("mine", true);
        for (int i = 0; i < 2 * Boards.MOST; i++) {
            visit("looked-at-" + i, false);
        }
        assertThat(board.updates("mine")).hasSize(1);

        for (int i = 1; i < Boards.MOST; i++) {
            visit("written-" + i, true);
        }
        assertThatThrownBy(() -> visit("one-more", true)).hasMessageContaining("as many boards as there may be");
        assertThat(board.updates("mine")).hasSize(1);

        clock.addAndGet(Boards.KEPT.toMillis() - 1000);
        visit("mine", false);
        clock.addAndGet(1000);
        visit("one-more", true);
        assertThat(board.updates("one-more")).hasSize(1);
        assertThat(board.updates("mine")).as("not left for so long").hasSize(1);
    }

    @Test
    void aLargeBoardIsNotHandedOutAgainAndAgain() {
        client.onRequest(question -> {
            merges.incrementAndGet();
            // As large as before: there is nothing in it that could go.
            return Future.succeededFuture(update(((JsonArray) question.payload())
                    .stream().mapToInt(one -> ((String) one).length()).sum()));
        });
        Channel channel = client.channel("board:large");
        Await.get("a subscription", channel.subscribe());
        for (int i = 0; i < 4; i++) {
            publish(channel, update(UpdateLog.LARGE - 4));
        }
        Await.until("one that is made of them", () -> board.updates("large").size() < 4);
        int before = merges.get();
        for (int i = 0; i < 2 * UpdateLog.MANY; i++) {
            publish(channel, removal());
        }
        assertThat(merges.get()).as("at once").isEqualTo(before);

        clock.addAndGet(1000L * UpdateLog.MOST / Boards.MERGED_A_SECOND);
        publish(channel, removal());
        Await.until("the next", () -> merges.get() == before + 1);
        Await.until("a short log", () -> board.updates("large").size() < 5);
    }

    @Test
    void oneLargeUpdateThatNobodyCanReadIsNotForGood() {
        client.onRequest(question -> Future.succeededFuture("AAA="));
        Channel channel = client.channel("board:garbage");
        Await.get("a subscription", channel.subscribe());
        publish(channel, update(UpdateLog.ROOM));
        Await.until("that it is gone", () -> board.updates("garbage").equals(List.of("AAA=")));
        publish(channel, update(UpdateLog.LARGE));
        assertThatThrownBy(() -> publish(channel, update(UpdateLog.ROOM + 4))).hasMessageContaining("full");
    }

    /** Opens a board, writes on it or not, and leaves: each time somebody else, for one alone is soon too fast. */
    private void visit(String name, boolean writes) {
        PolywireClient visitor = client();
        try {
            Channel channel = visitor.channel("board:" + name);
            Await.get("a subscription", channel.subscribe());
            if (writes) {
                publish(channel, update(8));
            }
            Await.get("leaving", channel.unsubscribe().map(true));
        } finally {
            Await.get("the visitor's end", visitor.close().map(true));
        }
    }

    private static void publish(Channel channel, String update) {
        Await.get("a publication", channel.publish("update", update));
    }

    /** So many characters of what might be an update that adds something. */
    private static String update(int length) {
        byte[] bytes = new byte[length / 4 * 3];
        bytes[0] = 1;
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String removal() {
        return Base64.getEncoder().encodeToString(new byte[] {0, 0, 0});
    }
}
