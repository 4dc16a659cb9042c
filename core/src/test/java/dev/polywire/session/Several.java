package dev.polywire.session;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.testing.MemoryCluster;
import dev.polywire.testing.MemoryNode;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Several nodes without sockets, and a client whose polls and POSTs reach whichever of them the test says. */
class Several implements AutoCloseable {
    final MemoryCluster cluster = new MemoryCluster();
    final List<MemoryNode> ways = new ArrayList<>();
    final List<OneNode> nodes = new ArrayList<>();

    Several(int count, Consumer<RealtimeOptions> change) {
        for (int i = 0; i < count; i++) {
            add(change);
        }
    }

    /** Adds a node, and waits until it has joined. */
    OneNode add(Consumer<RealtimeOptions> change) {
        MemoryNode way = cluster.node();
        RealtimeOptions options = new RealtimeOptions()
                .namespace(
                        "kept",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.ANYONE)
                                .presence(true)
                                .historySize(1000));
        change.accept(options);
        OneNode node = new OneNode(options, realtime -> {
            setUp(realtime);
            realtime.cluster(way);
        });
        Await.get("joined", node.realtime.ready().map(true));
        ways.add(way);
        nodes.add(node);
        return node;
    }

    /** Sets up each node. */
    void setUp(Realtime realtime) {}

    OneNode a() {
        return nodes.get(0);
    }

    OneNode b() {
        return nodes.get(1);
    }

    /** Polls at a node, as a client does: all is in the headers. */
    static PaperWire poll(OneNode at, PaperWire of, int attach, int received) {
        return poll(at, PaperWire.poll(), of.id(), of.secret(), attach, received, null);
    }

    static PaperWire poll(
            OneNode at, PaperWire wire, String id, String secret, int attach, int received, @Nullable User user) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("X-Test", "1")
                .add("Polywire-Session", id)
                .add("Polywire-Secret", secret);
        ClientFrame.Resume claim = new ClientFrame.Resume(id, secret, attach, received, 0);
        Handshake who = new Handshake("longpoll", "127.0.0.1", "/poll", headers, null, user, claim);
        wire.attachment = OneNode.on(at.context(), () -> at.gateway().attach(who, Buffer.buffer(), wire));
        return wire;
    }

    /** Sends frames by POST to a node. */
    static long post(OneNode at, PaperWire of, long first, JsonObject... frames) {
        return OneNode.on(at.context(), () -> {
            MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                    .add("Polywire-Session", of.id())
                    .add("Polywire-Secret", of.secret());
            ClientFrame.Resume named = new ClientFrame.Resume(of.id(), of.secret(), 0, 0, 0);
            Handshake who = new Handshake("send", "127.0.0.1", "/send", headers, null, null, named);
            at.gateway().admit(who);
            return at.gateway().receive(who, first, new JsonArray(List.of((Object[]) frames)).toBuffer());
        });
    }

    /** Publishes and waits until it is done. */
    static void publish(OneNode by, int from, int to) {
        for (int i = from; i <= to; i++) {
            Await.get("publish", by.realtime.channels().publish("kept:a", "e", i));
        }
    }

    static JsonObject subscribe() {
        return OneNode.frame("subscribe", "s").put("channels", new JsonArray().add("kept:a"));
    }

    static int counted(PaperWire wire) {
        return (int) wire.frames().stream()
                .filter(frame ->
                        !List.of("welcome", "ping", "pong", "received", "bye").contains(frame.getString("type")))
                .count();
    }

    static List<Integer> messages(PaperWire wire) {
        return wire.heard("message").stream()
                .map(frame -> frame.getInteger("payload"))
                .toList();
    }

    static JsonObject welcome(PaperWire wire) {
        Await.until("welcome", () -> !wire.heard("welcome").isEmpty());
        return wire.heard("welcome").get(0);
    }

    /** Runs what is to be refused, and returns how. */
    static Refusal refused(Runnable attempt) {
        try {
            attempt.run();
        } catch (Throwable e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof Refusal refusal) {
                    return refusal;
                }
            }
            throw new AssertionError("no refusal", e);
        }
        throw new AssertionError("It was not refused.");
    }

    /** The transport has answered the poll. */
    static void over(PaperWire wire) {
        wire.attachment.closed(CloseReason.NORMAL);
    }

    static Nodes among(OneNode node) {
        Nodes among = node.engine.nodes();
        if (among == null) {
            throw new AssertionError("It has no cluster.");
        }
        return among;
    }

    @Override
    public void close() {
        Future.join(nodes.stream().map(node -> node.realtime.close()).toList());
        nodes.forEach(OneNode::close);
    }
}
