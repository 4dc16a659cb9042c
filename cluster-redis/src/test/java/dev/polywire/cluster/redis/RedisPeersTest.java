package dev.polywire.cluster.redis;

import static dev.polywire.cluster.redis.NodesFaults.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What nodes say when they cannot answer, and what they make of what nodes of other versions say. */
class RedisPeersTest {
    private static final Buffer QUESTION = Buffer.buffer("?");

    @Test
    @DisplayName(
            "R36 who asks a node that has too many questions to answer is told so at once, and answered when it has fewer")
    void tooMany() {
        try (RedisServer server = RedisServer.standalone(false)) {
            Life one = calm(server);
            Life other = calm(server);
            Queue<Promise<Buffer>> open = new ConcurrentLinkedQueue<>();
            other.answers = question -> {
                Promise<Buffer> promise = Promise.promise();
                open.add(promise);
                return promise.future();
            };
            for (int i = 0; i < 2000; i++) {
                one.cluster.peers().ask(other.name(), QUESTION, 60_000);
            }
            Await.until("all are asked", () -> open.size() == 2000);
            long began = System.nanoTime();
            assertEquals(ErrorCode.UNAVAILABLE, refusal(one.cluster.peers().ask(other.name(), QUESTION, 60_000)));
            assertTrue(System.nanoTime() - began < 30_000_000_000L, "It waited.");
            open.forEach(promise -> promise.complete(QUESTION));
            other.answers = Future::succeededFuture;
            assertEquals(QUESTION, Await.get("answer", one.cluster.peers().ask(other.name(), QUESTION, 60_000)));
            one.end();
            other.end();
        }
    }

    /** A node that does not lose its patience with a slow machine. */
    private static Life calm(RedisServer server) {
        RedisOptions options = Lab.quick(server, RedisOptions.Mode.STANDALONE)
                .setConnectTimeout(Duration.ofSeconds(5))
                .setCallTimeout(Duration.ofSeconds(10));
        return new Life(new RedisCluster(options, new NodeOptions().setLease(Duration.ofSeconds(60)))).join();
    }

    private static ProtocolException failed(Throwable cause) {
        Mail mail = Mail.decode(Mail.failed("me", 7, cause).encode());
        assertEquals(Mail.Kind.FAILED, mail.kind());
        assertEquals(7, mail.id());
        return mail.failure();
    }

    @Test
    @DisplayName(
            "Only what is meant for the other side is told of a failure, and a failure of any other form is one all the same")
    void failures() {
        ProtocolException large = failed(new ProtocolException(ErrorCode.TOO_LARGE, "That much?"));
        assertEquals(ErrorCode.TOO_LARGE, large.code());
        assertEquals("That much?", large.getMessage());
        ProtocolException busy = failed(new ProtocolException(ErrorCode.UNAVAILABLE, "Busy."));
        assertEquals(ErrorCode.UNAVAILABLE, busy.code());
        assertEquals("Busy.", busy.getMessage());
        for (Throwable own : List.of(
                new IllegalStateException("a secret"),
                new ProtocolException(ErrorCode.LOST, "a secret"),
                new Error())) {
            assertEquals(ErrorCode.UNAVAILABLE, failed(own).code());
            assertEquals("That node failed at the question.", failed(own).getMessage());
        }
        for (String body : List.of("", "no JSON", "[]", "{}", "{\"code\":7,\"text\":[]}", "{\"code\":\"lost\"}")) {
            assertEquals(
                    ErrorCode.UNAVAILABLE,
                    new Mail(Mail.Kind.FAILED, "me", 7, Buffer.buffer(body))
                            .failure()
                            .code(),
                    body);
        }
    }

    @Test
    @DisplayName("A kind of mail that is not known is no mail")
    void unknownKind() {
        Buffer mail = new Mail(Mail.Kind.FAILED, "me", 7, QUESTION).encode();
        assertNull(Mail.decode(mail.copy().setByte(1, (byte) Mail.Kind.values().length)));
        assertNull(Mail.decode(mail.copy().setByte(1, (byte) -1)));
        assertNull(Mail.decode(Buffer.buffer()));
    }
}
