package dev.polywire.examples.shared;

import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.junit5.VertxExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Redis that takes its time, as any does for a process that has just begun on a busy machine. */
@ExtendWith(VertxExtension.class)
class DemoRedisTest {
    @Test
    void itsFirstAnswerIsWaitedFor(Vertx vertx) {
        NetServer slow = Await.get(
                "a Redis",
                vertx.createNetServer()
                        .connectHandler(socket -> socket.handler(asked -> {
                            if (asked.toString().contains("ping")) {
                                vertx.setTimer(DemoRedis.DEADLINE_MS + 200, late -> socket.write("+PONG\r\n"));
                            } else {
                                // It is asked for the version of the protocol first.
                                socket.write("%1\r\n+proto\r\n:3\r\n");
                            }
                        }))
                        .listen(0, "127.0.0.1"));

        Await.get("a sign of life", DemoRedis.open(vertx, "redis://127.0.0.1:" + slow.actualPort()))
                .close();
    }
}
