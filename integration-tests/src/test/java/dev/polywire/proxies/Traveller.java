package dev.polywire.proxies;

import dev.polywire.conformance.Attached;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A client that changes its wire, and notes when a message is not the next one. */
final class Traveller implements AutoCloseable {
    final ReferenceClient client;
    private final Map<String, ClientDriver> drivers;
    private final AtomicInteger arrived = new AtomicInteger();
    private final AtomicReference<String> wrong = new AtomicReference<>("");

    Traveller(Vertx vertx, int port, String wire) {
        drivers = Map.of(
                "websocket", new WebSocketDriver(vertx, "127.0.0.1", port, "/realtime"),
                "sse", new SseDriver(vertx, "127.0.0.1", port, "/realtime"),
                "longpoll", new LongPollDriver(vertx, "127.0.0.1", port, "/realtime"));
        client = new ReferenceClient(vertx, driver(wire));
        client.keeping(true).persistent(true).listener(frame -> {
            if ("message".equals(frame.getString("type"))) {
                int expected = arrived.incrementAndGet();
                if (frame.getInteger("payload") != expected) {
                    wrong.compareAndSet("", frame.getInteger("payload") + " came instead of " + expected);
                }
            } else if ("gap".equals(frame.getString("type"))) {
                wrong.compareAndSet("", "after " + arrived + " messages: " + frame);
            }
        });
        client.connect();
        client.ask(new JsonObject()
                .put("type", "subscribe")
                .put("id", "s")
                .put("channels", new JsonArray().add("open:down")));
    }

    private ClientDriver driver(String wire) {
        ClientDriver driver = drivers.get(wire);
        if (driver == null) {
            throw new IllegalArgumentException(wire);
        }
        return driver;
    }

    /** Changes the wire, as a client does: tries until a welcome comes. */
    void change(String wire) {
        Await.until("an attach over " + wire, () -> {
            Attached attached = client.attach(driver(wire));
            long end = System.nanoTime() + 3_000_000_000L;
            Await.until("an answer", () -> attached.welcomed() || attached.over() || System.nanoTime() > end);
            return attached.welcomed();
        });
    }

    void publish(int number) {
        client.send(new JsonObject()
                .put("type", "publish")
                .put("channel", "open:up")
                .put("payload", number));
    }

    /** Waits until so many messages have come, none missing, repeated or in the wrong place. */
    void has(int count) {
        Await.until(
                count + " messages; " + this,
                () -> arrived.get() >= count || !wrong.get().isEmpty());
        if (arrived.get() != count || !wrong.get().isEmpty()) {
            throw new AssertionError(arrived + " messages instead of " + count + "; " + wrong + "; " + client);
        }
    }

    @Override
    public String toString() {
        return arrived + " came so far to " + client + wrong;
    }

    @Override
    public void close() {
        client.close();
        drivers.values().forEach(driver -> Await.get("a driver's end", driver.close()));
    }
}
