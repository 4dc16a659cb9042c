package dev.polywire.integration;

import dev.polywire.RealtimeOptions;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real transport with one thing wrong with it. The faults sit between transport and engine, where a transport's own code is.
 *
 * <p>Faults that change what is on its way do so with every {@value #RARELY}th message of a connection, for they are found by the
 * tests that send many, and the others are to be left alone.
 */
class FaultyTransport implements Transport {
    static final int RARELY = 300;

    private final Transport good;

    FaultyTransport(Transport good) {
        this.good = good;
    }

    @Override
    public String name() {
        return good.name();
    }

    @Override
    public void mount(Router router, SessionGateway gateway) {
        good.mount(router, new FaultyGateway(gateway));
    }

    /** Changes what goes down. */
    List<Buffer> down(Wire wire, List<Buffer> frames) {
        return frames;
    }

    /** Changes what is known of a request. */
    Handshake who(Handshake who) {
        return who;
    }

    /** Changes what comes up on a duplex wire. */
    List<Buffer> up(Wire wire, Buffer frame) {
        return List.of(frame);
    }

    /** Changes what comes up by POST. */
    Buffer post(Buffer body) {
        return body;
    }

    /** Changes the number that a POST begins with. */
    long first(long first) {
        return first;
    }

    /** Closes the connection. */
    Future<Void> close(Connection connection, CloseReason reason) {
        return connection.close(reason);
    }

    /** Tells of the end of a connection. */
    void closed(Attachment attachment, CloseReason reason) {
        attachment.closed(reason);
    }

    static boolean is(Buffer frame, String type) {
        return frame.toString().contains("{\"type\":\"" + type + "\"");
    }

    /** One connection between the real transport and the engine. */
    final class Wire implements Connection {
        private final Connection connection;

        @Nullable
        Attachment attachment;

        int messages;
        int acknowledged;
        boolean resumed;

        Wire(Connection connection) {
            this.connection = connection;
        }

        @Override
        public WireFormat format() {
            // Faults are done to frames; the transport below gets them in its own format afterwards.
            return WireFormat.JSON;
        }

        @Override
        public boolean writable() {
            return connection.writable();
        }

        @Override
        public boolean streams() {
            return connection.streams();
        }

        @Override
        public Future<Void> send(Batch batch) {
            List<Buffer> frames = down(this, new ArrayList<>(batch.frames()));
            if (frames.isEmpty()) {
                return Future.succeededFuture();
            }
            frames.replaceAll(connection.format()::frame);
            Batch changed = new Batch(frames, batch.holdable(), batch.last(), batch.cursors());
            try {
                return connection.send(changed);
            } finally {
                changed.release();
            }
        }

        @Override
        public Future<Void> close(CloseReason reason) {
            return FaultyTransport.this.close(connection, reason);
        }
    }

    private final class FaultyGateway implements SessionGateway {
        private final SessionGateway gateway;

        private FaultyGateway(SessionGateway gateway) {
            this.gateway = gateway;
        }

        @Override
        public void admit(Handshake who) {
            gateway.admit(who);
        }

        @Override
        public Future<Handshake> authenticate(Handshake who) {
            return gateway.authenticate(who);
        }

        @Override
        public Future<Attachment> attach(Handshake who, Buffer hello, Connection connection) {
            Wire wire = new Wire(connection);
            wire.resumed = who.resume() != null || hello.toString().contains("\"resume\"");
            return gateway.attach(who(who), hello, wire).map(attachment -> {
                wire.attachment = attachment;
                return new Attachment() {
                    @Override
                    public void receive(Buffer frame) {
                        up(wire, frame).forEach(attachment::receive);
                    }

                    @Override
                    public void closed(CloseReason reason) {
                        FaultyTransport.this.closed(attachment, reason);
                    }
                };
            });
        }

        @Override
        public Future<Long> receive(Handshake who, long firstSeq, Buffer frames) {
            return gateway.receive(who, first(firstSeq), post(frames));
        }

        @Override
        public Future<Reader> read(
                Handshake who,
                List<String> channels,
                @Nullable String cursor,
                boolean fromStart,
                Connection connection) {
            return gateway.read(who, channels, cursor, fromStart, connection);
        }

        @Override
        public @Nullable Buffer probe(Buffer frame) {
            return gateway.probe(frame);
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            return gateway.after(millis, task);
        }

        @Override
        public JsonObject describe(Handshake who) {
            return gateway.describe(who);
        }

        @Override
        public RealtimeOptions options() {
            return gateway.options();
        }
    }

    /** What a client states, with another attach number. */
    static ClientFrame.Resume attach(ClientFrame.Resume claim, long number) {
        return new ClientFrame.Resume(claim.session(), claim.secret(), number, claim.received(), claim.confirmed());
    }
}
