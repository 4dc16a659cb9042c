package dev.polywire.independent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.polywire.independent.SmallClient.Transport;
import dev.polywire.integration.TestServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the server to {@code docs/protocol.md}, with a client whose author has read nothing else. */
class IndependentClientTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}";
    private static final Vertx VERTX = Vertx.vertx();
    private static TestServer server;

    private final List<SmallClient> clients = new ArrayList<>();
    private final String channel = "test:" + UUID.randomUUID();

    @BeforeAll
    static void start() {
        server = join(TestServer.start(VERTX, TestServer.options(), 0)
                .toCompletionStage()
                .toCompletableFuture());
    }

    @AfterAll
    static void stop() {
        join(server.close().toCompletionStage().toCompletableFuture());
        join(VERTX.close().toCompletionStage().toCompletableFuture());
    }

    @AfterEach
    void noFaults() {
        clients.forEach(SmallClient::close);
        assertThat(clients).allSatisfy(client -> assertThat(client.faults).isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void messagesComeBackInOrder(Transport transport) {
        SmallClient client = opened(transport);
        JsonObject subscribed = join(client.subscribe(channel, null));
        assertThat(subscribed.getString("type")).isEqualTo("subscribed");
        assertThat(subscribed.getJsonObject("position").getString("epoch")).isNotEmpty();

        List<CompletableFuture<JsonObject>> acks = IntStream.rangeClosed(1, 200)
                .mapToObj(n -> client.ask(SmallClient.publication(channel, n)))
                .toList();

        assertThat(acks)
                .allSatisfy(ack -> assertThat(join(ack).getString("type")).isEqualTo("ack"));
        client.await("200 messages", () -> client.messages.size() >= 200);
        assertThat(payloads(client, channel)).isEqualTo(numbers(200));
        List<Long> offsets = client.messages.stream()
                .map(message -> message.getLong("offset"))
                .toList();
        assertThat(offsets).doesNotHaveDuplicates().isSorted();
        // R12 and R28: what was accepted is told, so a client's queue does not stay full.
        client.await("everything confirmed", () -> client.confirmed() == client.sent());
    }

    @ParameterizedTest
    @EnumSource
    void requestsAreAnsweredBothWays(Transport transport) {
        SmallClient client = opened(transport);
        JsonObject payload = new JsonObject().put("text", "ü\u2028\n€").put("list", List.of(1, 2.5, true));

        assertThat(join(client.request("echo", payload)).getValue("payload")).isEqualTo(payload);
        assertThat(join(client.request("test.ask", payload)).getValue("payload"))
                .as("asked back, and answered by the client")
                .isEqualTo(payload);
        JsonObject error = join(client.request("no.such.address", payload));
        assertThat(error.getString("type")).isEqualTo("error");
        assertThat(error.getString("code")).isEqualTo("not_found");
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void exactlyOnceFromWireToWire(Transport one, Transport other) {
        Random random = new Random(one.ordinal() * 3L + other.ordinal());
        String up = channel + "-up";
        String down = channel + "-down";
        SmallClient steady = opened(Transport.WEBSOCKET);
        SmallClient subject = opened(one);
        join(steady.subscribe(up, null));
        join(subject.subscribe(up, null));
        join(subject.subscribe(down, null));
        String session = subject.session;
        List<CompletableFuture<JsonObject>> acks = new ArrayList<>();
        int total = 0;

        for (int round = 0; round < 8; round++) {
            int until = subject.messages.size() + random.nextInt(20);
            total = publish(subject, up, steady, down, total, 30, acks);
            subject.await("some of round " + round, () -> subject.messages.size() >= until);
            // Every fourth time it moves while the old wire still works (R18).
            if (round % 4 != 3) {
                subject.cut();
            }
            total = publish(subject, up, steady, down, total, 10, acks);
            JsonObject welcome = join(subject.open(round % 2 == 0 ? other : one));
            assertThat(welcome.getBoolean("resumed")).as("%s", welcome).isTrue();
            assertThat(welcome.getString("session")).isEqualTo(session);
        }

        int all = total;
        subject.await("everything", () -> subject.messages.size() >= 2 * all && subject.confirmed() == subject.sent());
        steady.await("everything", () -> steady.messages.size() >= all);
        assertThat(acks)
                .allSatisfy(ack -> assertThat(join(ack).getString("type")).isEqualTo("ack"));
        // Whatever would come twice has come before the answer to this.
        join(steady.request("echo", "done"));
        join(subject.request("echo", "done"));
        assertThat(payloads(steady, up)).as("accepted").isEqualTo(numbers(all));
        assertThat(payloads(subject, up)).as("came back").isEqualTo(numbers(all));
        assertThat(payloads(subject, down)).as("received").isEqualTo(numbers(all));
        assertThat(subject.errors).isEmpty();
    }

    private static int publish(
            SmallClient subject,
            String up,
            SmallClient steady,
            String down,
            int from,
            int count,
            List<CompletableFuture<JsonObject>> acks) {
        for (int n = from + 1; n <= from + count; n++) {
            // Most have no id, so that nothing but the numbers can keep them from being published twice.
            if (n % 5 == 0) {
                acks.add(subject.ask(SmallClient.publication(up, n)));
            } else {
                subject.tell(SmallClient.publication(up, n));
            }
            steady.tell(SmallClient.publication(down, n));
        }
        return from + count;
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Transport.values())
                .flatMap(one -> Stream.of(Transport.values()).map(other -> Arguments.of(one, other)));
    }

    /** R10 and R15. */
    @ParameterizedTest
    @EnumSource
    void aStaleAttachIsRefusedAndChangesNothing(Transport transport) {
        SmallClient client = opened(transport);
        client.cut();
        join(client.open(Transport.WEBSOCKET));
        long before = client.attach;
        client.attach = before - 1;

        Throwable refusal = catchThrowable(() -> client.open(transport).get(10, TimeUnit.SECONDS));

        assertThat(refusal).cause().isInstanceOfSatisfying(Wire.Refused.class, refused -> {
            assertThat(refused.code).isEqualTo("stale");
            assertThat(refused.status).isEqualTo(transport == Transport.WEBSOCKET ? 4009 : 409);
        });
        assertThat(client.attach).isEqualTo(before);
        assertThat(join(client.request("echo", "still here")).getString("payload"))
                .isEqualTo("still here");
        assertThat(client.byes)
                .allSatisfy(bye -> assertThat(bye.getInteger("code")).isEqualTo(4009));
        client.cut();
        assertThat(join(client.open(transport)).getBoolean("resumed")).isTrue();
    }

    /** R14, and R15: the session that the secret does not belong to goes on. */
    @ParameterizedTest
    @EnumSource
    void aWrongSecretOpensANewSession(Transport transport) {
        SmallClient owner = opened(Transport.WEBSOCKET);
        SmallClient client = client();
        client.session = owner.session;
        client.secret = "A".repeat(owner.secret.length());

        JsonObject welcome = join(client.open(transport));

        assertThat(welcome.getBoolean("resumed")).isFalse();
        assertThat(welcome.getString("reason")).isEqualTo("unknown");
        assertThat(welcome.getString("secret")).isNotEmpty();
        assertThat(welcome.getString("session")).isNotEqualTo(owner.session);
        assertThat(welcome.getLong("received")).isZero();
        assertThat(welcome.getLong("first")).isEqualTo(1);
        assertThat(join(client.request("echo", 1)).getInteger("payload")).isEqualTo(1);
        assertThat(join(owner.request("echo", 2)).getInteger("payload")).isEqualTo(2);
    }

    /** R13 and R14. */
    @ParameterizedTest
    @EnumSource
    void aCountAheadOfTheServersEndsTheSession(Transport transport) {
        SmallClient owner = opened(Transport.WEBSOCKET);
        join(owner.request("echo", 1));
        owner.cut();
        SmallClient ahead = client();
        ahead.session = owner.session;
        ahead.secret = owner.secret;
        ahead.startAt(1000);

        JsonObject welcome = join(ahead.open(transport));

        assertThat(welcome.getBoolean("resumed")).isFalse();
        assertThat(welcome.getString("reason")).isEqualTo("lost");
        assertThat(join(ahead.request("echo", 1)).getInteger("payload")).isEqualTo(1);
    }

    /** R2 and R28: a refused frame is consumed and answered with its number. */
    @ParameterizedTest
    @EnumSource
    void aRefusedFrameIsAnsweredWithItsNumber(Transport transport) {
        SmallClient client = opened(transport);
        join(client.subscribe(channel, null));
        long unknown = client.tell(new JsonObject().put("type", "no-such-type"));
        long incomplete = client.tell(new JsonObject().put("type", "publish").put("payload", 1));
        long noType = client.tell(new JsonObject().put("payload", 1));
        client.tell(SmallClient.publication(channel, "good"));
        CompletableFuture<JsonObject> badChannel = client.ask(SmallClient.publication("with space", 1));

        client.await("answers", () -> client.errors.size() >= 4 && !client.messages.isEmpty());

        assertThat(client.errors)
                .extracting(error -> error.getLong("frame"))
                .containsExactlyInAnyOrder(unknown, incomplete, noType, noType + 2);
        assertThat(codeOf(client, unknown)).isEqualTo("unknown_type");
        assertThat(codeOf(client, incomplete)).isEqualTo("bad_frame");
        assertThat(codeOf(client, noType)).isEqualTo("bad_frame");
        assertThat(join(badChannel).getString("code")).isEqualTo("bad_channel");
        assertThat(payloads(client, channel)).isEqualTo(List.of("good"));
    }

    /** R1 and R2: on a WebSocket even a text that is no frame counts, and does not end the session. */
    @Test
    void aTextThatIsNoFrameCounts() {
        SmallClient client = opened(Transport.WEBSOCKET);
        long number = client.tell("{no frame");
        long array = client.tell("[]");

        client.await("errors", () -> client.errors.size() >= 2);

        assertThat(codeOf(client, number)).isEqualTo("bad_frame");
        assertThat(codeOf(client, array)).isEqualTo("bad_frame");
        assertThat(join(client.request("echo", 1)).getInteger("payload")).isEqualTo(1);
    }

    /** R14, R25 and R26: the uplink's refusals. */
    @ParameterizedTest
    @EnumSource(names = {"SSE", "POLL"})
    void anUplinkThatCannotBeTakenChangesNothing(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));
        long accepted = client.sent();

        HttpResponse<String> early = post(client, "[{\"type\":\"noop\"}]", accepted + 2);
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(new JsonObject(early.body()).getString("code")).isEqualTo("out_of_order");
        assertThat(new JsonObject(early.body()).getLong("received")).isEqualTo(accepted);
        assertThat(post(client, "[{\"type\":\"noop\"},", accepted + 1).statusCode())
                .isEqualTo(400);
        assertThat(post(client, "{\"type\":\"noop\"}", null).statusCode())
                .as("a counted frame without its number")
                .isEqualTo(400);
        HttpResponse<String> again = post(client, "{\"type\":\"noop\"}", accepted);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(again.body()).getLong("received")).isEqualTo(accepted);
        assertThat(join(client.request("echo", 2)).getInteger("payload")).isEqualTo(2);

        SmallClient thief = client();
        thief.session = client.session;
        thief.secret = "A".repeat(client.secret.length());
        HttpResponse<String> wrong = post(thief, "{\"type\":\"noop\"}", accepted + 2);
        assertThat(wrong.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(wrong.body()).getString("code")).isEqualTo("unknown");
    }

    /** R18 and R39: a client's ping is answered, and its count agrees. (With long polling nothing waits for a pong.) */
    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE"})
    void aPingIsAnswered(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));
        client.mention(new JsonObject().put("type", "ping").put("id", "mine"));

        client.await("a pong", () -> !client.pongs.isEmpty());

        assertThat(client.pongs.get(0).getString("id")).isEqualTo("mine");
        assertThat(join(client.request("echo", 2)).getInteger("payload")).isEqualTo(2);
    }

    /** R32 and R33. */
    @ParameterizedTest
    @EnumSource
    void aSubscribeWithAPositionGoesOnFromThere(Transport transport) {
        SmallClient writer = opened(Transport.WEBSOCKET);
        JsonObject position = null;
        for (int n = 1; n <= 20; n++) {
            JsonObject ack = join(writer.ask(SmallClient.publication(channel, n)));
            position = n == 5 ? ack.getJsonObject("position") : position;
        }
        SmallClient reader = opened(transport);

        JsonObject subscribed = join(reader.subscribe(channel, position));

        assertThat(subscribed.getBoolean("recovered")).isTrue();
        assertThat(subscribed.getJsonObject("position")).isEqualTo(position);
        writer.tell(SmallClient.publication(channel, 21));
        reader.await("the rest", () -> reader.messages.size() >= 16);
        assertThat(payloads(reader, channel))
                .isEqualTo(IntStream.rangeClosed(6, 21).boxed().toList());
        assertThat(join(reader.subscribe(channel, position)).getBoolean("already"))
                .isTrue();
    }

    /** R40. */
    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE"})
    void byeIsAnsweredAndEndsTheSession(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));

        client.bye();

        assertThat(client.byes.get(0).getInteger("code")).isEqualTo(1000);
        assertThat(client.byes.get(0).getString("reconnect")).isEqualTo("none");
        assertThat(client.byes.get(0).getLong("sent")).isEqualTo(client.received());
        client.cut();
        assertThat(join(client.open(transport)).getBoolean("resumed")).isFalse();
    }

    /** R11. */
    @ParameterizedTest
    @EnumSource
    void theWireThatIsReplacedIsToldSo(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));

        assertThat(join(client.open(Transport.WEBSOCKET)).getBoolean("resumed")).isTrue();

        client.await("the old wire's end", () -> !client.byes.isEmpty() || !client.ends.isEmpty());
        if (client.byes.isEmpty()) {
            // A poll that was still under way is late: it is refused, and has no array for a bye.
            assertThat(transport).isEqualTo(Transport.POLL);
            assertThat(client.ends.get(0))
                    .isInstanceOfSatisfying(
                            Wire.Refused.class,
                            refused -> assertThat(refused.status).isEqualTo(409));
            return;
        }
        assertThat(client.byes.get(0).getInteger("code")).isEqualTo(4008);
        assertThat(client.byes.get(0).getString("reason")).isEqualTo("replaced");
        assertThat(client.byes.get(0).getString("reconnect")).isEqualTo("none");
        assertThat(join(client.request("echo", 2)).getInteger("payload")).isEqualTo(2);
    }

    /** R27 and R28: a frame that is too large is not consumed; a noop takes its number. */
    @ParameterizedTest
    @EnumSource
    void aFrameThatIsTooLargeIsReplaced(Transport transport) {
        SmallClient client = opened(transport);
        join(client.subscribe(channel, null));
        client.tell(SmallClient.publication(channel, "x".repeat(70_000)));
        if (transport == Transport.WEBSOCKET) {
            client.await("its end", () -> !client.ends.isEmpty());
            assertThat(client.byes.get(0).getInteger("code")).isEqualTo(1009);
            assertThat(client.byes.get(0).getString("reconnect")).isEqualTo("resume");
        } else {
            client.await("the refusal", () -> !client.faults.isEmpty());
            assertThat(client.faults.remove(0)).contains("413").contains("\"too_large\"");
            client.cut();
        }
        client.tell(SmallClient.publication(channel, "withdrawn as well"));
        client.withdraw();
        client.tell(SmallClient.publication(channel, "after"));

        assertThat(join(client.open(transport)).getBoolean("resumed")).isTrue();

        client.await("the one after", () -> !client.messages.isEmpty());
        assertThat(payloads(client, channel)).isEqualTo(List.of("after"));
        assertThat(client.errors).isEmpty();
    }

    /** R18: a WebSocket that has not said hello answers a ping, and R7: nothing but that. */
    @Test
    void aWebSocketMayBeTriedBeforeItIsUsed() {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        SmallClient client = client();
        WebSocket socket = webSocket(client, heard);
        socket.sendText("{\"type\":\"ping\",\"id\":\"probe\"}", true).join();
        JsonObject pong = new JsonObject(next(heard));
        assertThat(pong.getString("type")).isEqualTo("pong");
        assertThat(pong.getString("id")).isEqualTo("probe");
        socket.sendText(HELLO, true).join();
        assertThat(new JsonObject(next(heard)).getString("type")).isEqualTo("welcome");
        socket.abort();

        WebSocket hasty = webSocket(client, heard);
        hasty.sendText("{\"type\":\"noop\"}", true).join();
        assertThat(untilClosed(heard)).contains("bad_frame").endsWith("closed 4000");
    }

    /** R5. */
    @Test
    void anUnknownVersionIsRefused() {
        String hello = HELLO.replace("[1]", "[99]");
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        SmallClient client = client();
        webSocket(client, heard).sendText(hello, true).join();
        assertThat(untilClosed(heard))
                .contains("\"unsupported_version\"")
                .contains("\"versions\":[1]")
                .endsWith("closed 4007");
        for (String path : List.of("/sse", "/poll")) {
            HttpResponse<String> refused = post(client, path, hello, null);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("\"unsupported_version\"").contains("\"versions\":[1]");
        }
    }

    /** A binary message is refused. */
    @Test
    void aBinaryMessageEndsTheWebSocket() {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = webSocket(client(), heard);
        socket.sendText(HELLO, true).join();
        assertThat(next(heard)).contains("welcome");
        socket.sendBinary(ByteBuffer.wrap(new byte[] {1}), true).join();
        assertThat(untilClosed(heard)).endsWith("closed 1003");
    }

    /** A WebSocket without a client behind it; its texts, and its end, go into the queue. */
    private static WebSocket webSocket(SmallClient client, BlockingQueue<String> heard) {
        return client.http
                .newWebSocketBuilder()
                .buildAsync(client.uri("ws", "/websocket"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        heard.add(text.toString());
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
                        heard.add("closed " + status);
                        return null;
                    }
                })
                .join();
    }

    private static String next(BlockingQueue<String> heard) {
        try {
            String text = heard.poll(10, TimeUnit.SECONDS);
            assertThat(text).as("something in time").isNotNull();
            return text;
        } catch (InterruptedException stop) {
            throw new AssertionError(stop);
        }
    }

    private static String untilClosed(BlockingQueue<String> heard) {
        StringBuilder all = new StringBuilder();
        while (all.indexOf("closed ") < 0) {
            all.append(next(heard)).append('\n');
        }
        return all.toString().strip();
    }

    /** R40: where no poll waits, the answer to the POST answers the bye, and the next poll finds no session. */
    @Test
    void aByeBetweenTwoPollsIsAnswered() {
        SmallClient client = client();
        JsonObject welcome = new JsonArray(post(client, "/poll", HELLO, null).body()).getJsonObject(0);
        client.session = welcome.getString("session");
        client.secret = welcome.getString("secret");
        assertThat(post(client, "{\"type\":\"bye\",\"sent\":0}", null).statusCode())
                .isEqualTo(200);

        HttpResponse<String> poll = join(client.http.sendAsync(
                client.toSession("/poll?wait=0", client.place()).build(), HttpResponse.BodyHandlers.ofString()));

        assertThat(poll.statusCode()).isEqualTo(404);
        assertThat(poll.body()).contains("\"unknown\"");
    }

    private SmallClient client() {
        SmallClient client = new SmallClient(server.port());
        clients.add(client);
        return client;
    }

    private SmallClient opened(Transport transport) {
        SmallClient client = client();
        JsonObject welcome = join(client.open(transport));
        assertThat(welcome.getBoolean("resumed")).isFalse();
        assertThat(welcome.getInteger("version")).isEqualTo(1);
        return client;
    }

    private static HttpResponse<String> post(SmallClient client, String body, Long first) {
        return post(client, "/send", body, first);
    }

    private static HttpResponse<String> post(SmallClient client, String path, String body, Long first) {
        HttpRequest.Builder request = client.toSession(path, null)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (first != null) {
            request.header("Polywire-First", first.toString());
        }
        return join(client.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    private static String codeOf(SmallClient client, long number) {
        return client.errors.stream()
                .filter(error -> error.getLong("frame", 0L) == number)
                .map(error -> error.getString("code"))
                .findFirst()
                .orElse("no error for " + number);
    }

    private static List<Object> payloads(SmallClient client, String channel) {
        synchronized (client) {
            return client.messages.stream()
                    .filter(message -> channel.equals(message.getString("channel")))
                    .map(message -> message.getValue("payload"))
                    .toList();
        }
    }

    private static List<Object> numbers(int last) {
        return IntStream.rangeClosed(1, last).<Object>mapToObj(n -> n).toList();
    }

    private static <T> T join(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
