package dev.polywire.integration;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.TransportConformance;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Transport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The broken transports of {@link KitSelfTest}, each as the suite that a careless author would run. */
final class Faults {
    private Faults() {}

    /** On a WebSocket. */
    abstract static class OnWebSocket extends TransportConformance {
        @Override
        protected ClientDriver driver(Vertx vertx, int port) {
            return new WebSocketDriver(vertx, "127.0.0.1", port, KitServer.PATH);
        }
    }

    /** On SSE. */
    abstract static class OnSse extends TransportConformance {
        @Override
        protected ClientDriver driver(Vertx vertx, int port) {
            return new SseDriver(vertx, "127.0.0.1", port, KitServer.PATH);
        }
    }

    /** Nothing is wrong with it: the faults' own machinery changes nothing. */
    static class None extends OnWebSocket {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new WebSocketTransport());
        }
    }

    /** What a fault does with every so manieth message. */
    private interface Rare {
        void change(List<Buffer> frames, int index);
    }

    private static Transport rarely(Rare fault) {
        return new FaultyTransport(new WebSocketTransport()) {
            @Override
            List<Buffer> down(Wire wire, List<Buffer> frames) {
                for (int i = 0; i < frames.size(); i++) {
                    if (is(frames.get(i), "message") && ++wire.messages % RARELY == 0) {
                        fault.change(frames, i);
                    }
                }
                return frames;
            }
        };
    }

    /** Loses messages. */
    static class Lossy extends OnWebSocket {
        @Override
        protected Transport transport() {
            return rarely((frames, i) -> frames.remove(i));
        }
    }

    /** Sends messages twice. */
    static class Duplicating extends OnWebSocket {
        @Override
        protected Transport transport() {
            return rarely((frames, i) -> frames.add(0, frames.get(i)));
        }
    }

    /** Sends messages out of order. */
    static class Reordering extends OnWebSocket {
        @Override
        protected Transport transport() {
            return rarely((frames, i) -> frames.add(i == 0 ? frames.size() - 1 : 0, frames.remove(i)));
        }
    }

    /** Acknowledges in the client's name what it has merely written. */
    static class AcknowledgingOnWrite extends OnWebSocket {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new WebSocketTransport()) {
                @Override
                List<Buffer> down(Wire wire, List<Buffer> frames) {
                    for (Buffer frame : frames) {
                        JsonObject json = frame.toJsonObject();
                        switch (json.getString("type")) {
                            case "welcome" -> wire.messages = wire.acknowledged = json.getInteger("first") - 1;
                            case "ping", "pong", "received", "bye" -> {}
                            default -> wire.messages++;
                        }
                    }
                    int written = wire.messages;
                    Attachment attachment = wire.attachment;
                    if (attachment != null && written - wire.acknowledged >= 12) {
                        wire.acknowledged = written;
                        Vertx.currentContext()
                                .runOnContext(later -> attachment.receive(new JsonObject()
                                        .put("type", "received")
                                        .put("count", written)
                                        .toBuffer()));
                    }
                    return frames;
                }
            };
        }
    }

    /** Begins one too late after a resume. */
    static class OffByOne extends OnWebSocket {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new WebSocketTransport()) {
                @Override
                List<Buffer> down(Wire wire, List<Buffer> frames) {
                    if (wire.resumed && frames.size() > 10 && is(frames.get(0), "welcome")) {
                        frames.remove(1);
                    }
                    return frames;
                }
            };
        }
    }

    /** Lets frames that are too large through to the engine as something small. */
    static class NoFrameLimitOnPost extends OnSse {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new SseTransport()) {
                @Override
                Buffer post(Buffer body) {
                    if (body.length() < 1024 || body.length() > 5000 || body.getByte(0) != '[') {
                        return body;
                    }
                    JsonArray small = new JsonArray();
                    for (Object each : body.toJsonArray()) {
                        JsonObject frame = (JsonObject) each;
                        small.add(frame.encode().length() > 1024 ? new JsonObject().put("type", "noop") : frame);
                    }
                    return small.toBuffer();
                }
            };
        }
    }

    /** Says something before the welcome. */
    static class WelcomeNotFirst extends OnWebSocket {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new WebSocketTransport()) {
                @Override
                List<Buffer> down(Wire wire, List<Buffer> frames) {
                    if (is(frames.get(0), "welcome")) {
                        frames.add(0, Buffer.buffer("{\"type\":\"received\",\"count\":0}"));
                    }
                    return frames;
                }
            };
        }
    }

    /** Does not tell the client that the application has closed the session. */
    static class CloseNotTold extends OnSse {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new SseTransport()) {
                @Override
                List<Buffer> down(Wire wire, List<Buffer> frames) {
                    frames.removeIf(frame -> frame.toString().contains("\"code\":4013"));
                    return frames;
                }
            };
        }
    }

    /** Does not tell the engine that a connection is gone. */
    static class EndNotNoticed extends OnWebSocket {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new WebSocketTransport()) {
                @Override
                void closed(Attachment attachment, CloseReason reason) {}
            };
        }
    }

    /** Goes on listening to a connection that was replaced. */
    static class ReplacedStillDelivers extends OnWebSocket {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new WebSocketTransport()) {
                private volatile @Nullable Wire replaced;
                private volatile @Nullable Wire newest;

                @Override
                List<Buffer> down(Wire wire, List<Buffer> frames) {
                    if (is(frames.get(0), "welcome")) {
                        newest = wire;
                    }
                    if (frames.get(0).toString().contains("\"code\":4008")) {
                        replaced = wire;
                    }
                    return frames;
                }

                @Override
                Future<Void> close(Connection connection, CloseReason reason) {
                    return reason == CloseReason.REPLACED ? Future.succeededFuture() : connection.close(reason);
                }

                @Override
                List<Buffer> up(Wire wire, Buffer frame) {
                    Wire heir = newest;
                    if (wire == replaced && heir != null && heir.attachment != null && !is(frame, "received")) {
                        heir.attachment.receive(frame);
                        return List.of();
                    }
                    return List.of(frame);
                }
            };
        }
    }

    /** Passes frames of the client twice. */
    static class DuplicatingUp extends OnWebSocket {
        @Override
        protected Transport transport() {
            return up(List.of(0, 0));
        }
    }

    /** Loses frames of the client. */
    static class LossyUp extends OnWebSocket {
        @Override
        protected Transport transport() {
            return up(List.of());
        }
    }

    private static Transport up(List<Integer> copies) {
        return new FaultyTransport(new WebSocketTransport()) {
            @Override
            List<Buffer> up(Wire wire, Buffer frame) {
                if (!is(frame, "publish") || ++wire.messages % RARELY != 0) {
                    return List.of(frame);
                }
                List<Buffer> frames = new ArrayList<>();
                copies.forEach(copy -> frames.add(frame));
                return frames;
            }
        };
    }

    /** Numbers attaches itself, so that a late one wins. */
    static class AttachNumbersIgnored extends OnSse {
        private static final AtomicLong NUMBERS = new AtomicLong(1000);

        @Override
        protected Transport transport() {
            return new FaultyTransport(new SseTransport()) {
                @Override
                Handshake who(Handshake who) {
                    var claim = who.resume();
                    return claim == null
                            ? who
                            : new Handshake(
                                    who.transport(),
                                    who.remoteAddress(),
                                    who.path(),
                                    who.headers(),
                                    who.token(),
                                    who.user(),
                                    attach(claim, NUMBERS.incrementAndGet()));
                }
            };
        }
    }

    /** Takes every POST for the next one. */
    static class FirstIgnored extends OnSse {
        @Override
        protected Transport transport() {
            return new FaultyTransport(new SseTransport()) {
                @Override
                long first(long first) {
                    return first == 0 ? 1 : first;
                }
            };
        }
    }
}
