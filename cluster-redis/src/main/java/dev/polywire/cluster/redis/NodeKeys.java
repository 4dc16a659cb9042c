package dev.polywire.cluster.redis;

import dev.polywire.spi.Peers.Node;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Redis knows of the nodes, and the calls of its scripts. */
final class NodeKeys {
    private static final Script RENEW = Script.load("nodes.lua", "renew.lua");
    private static final Script INQUIRE = Script.load("nodes.lua", "inquire.lua");
    private static final Script PART = Script.load("nodes.lua", "part.lua");
    private static final Script LIST = Script.load("nodes.lua", "nodelist.lua");
    private static final Script INDEX = Script.load("index.lua");

    /** For how long a dead node can be kept from having members, in seconds. */
    private static final int DEAD = 2_592_000;

    private final Commands commands;
    private final String prefix;
    private final long lease;

    NodeKeys(Commands commands, RedisOptions options, NodeOptions nodes) {
        this.commands = commands;
        this.prefix = options.getPrefix();
        this.lease = nodes.getLease().toMillis();
    }

    /**
     * What came of a renewal.
     *
     * @param dead whether the node has been buried
     * @param fresh whether Redis did not know it, or not any more
     * @param claim a dead node that this one is to clean up after; empty when there is none
     */
    record Renewed(boolean dead, boolean fresh, String claim) {}

    private List<String> keys() {
        String base = prefix + "{nodes}";
        return List.of(base + ":l", base + ":f", base + ":d", base + ":p", base + ":t");
    }

    private String of(String node, String what) {
        return prefix + "{n:" + node + "}" + what;
    }

    /** Names where a node hears what is for it alone. */
    String inbox(String node) {
        return of(node, ":i");
    }

    /** Names where every node hears. */
    String everybody() {
        return prefix + "{nodes}:e";
    }

    Future<Renewed> renew(String node, JsonObject facts, boolean mayBury, String cleaning) {
        return commands.eval(RENEW, keys(), List.of(node, lease, facts.encode(), mayBury ? 1 : 0, cleaning))
                .map(reply -> {
                    String state = reply.get(0).toString();
                    return new Renewed(
                            state.equals("dead"),
                            state.equals("new"),
                            reply.size() > 1 ? reply.get(1).toString() : "");
                });
    }

    Future<String> inquire(String node, boolean mayBury) {
        return commands.eval(INQUIRE, keys(), List.of(node, lease, mayBury ? 1 : 0))
                .map(Response::toString);
    }

    Future<Void> part(String node, long kept) {
        return commands.eval(PART, keys(), List.of(node, lease, kept)).mapEmpty();
    }

    Future<List<Node>> list() {
        return commands.eval(LIST, keys(), List.of()).map(reply -> {
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i + 1 < reply.size(); i += 2) {
                nodes.add(new Node(
                        reply.get(i).toString(), new JsonObject(reply.get(i + 1).toBuffer())));
            }
            nodes.sort(java.util.Comparator.comparing(Node::name));
            return List.copyOf(nodes);
        });
    }

    /** Publishes; returns how many connections got it. */
    Future<Integer> publish(String topic, Buffer message) {
        return commands.send(
                        topic,
                        () -> Request.cmd(commands.cluster() ? Command.SPUBLISH : Command.PUBLISH)
                                .arg(topic)
                                .arg(message))
                .map(Response::toInteger);
    }

    /** Notes that a node has members in a channel; false when it is dead. */
    Future<Boolean> index(String node, String channel) {
        return commands.eval(INDEX, List.of(of(node, ":c"), of(node, ":x")), List.of(channel))
                .map(reply -> reply.toInteger() == 1);
    }

    /** Forgets that. */
    Future<Void> unindex(String node, String channel) {
        String key = of(node, ":c");
        return commands.send(key, () -> Request.cmd(Command.SREM).arg(key).arg(channel))
                .mapEmpty();
    }

    /** Lets a dead node have members nowhere else. */
    Future<Void> close(String node) {
        String key = of(node, ":x");
        return commands.send(
                        key,
                        () -> Request.cmd(Command.SET)
                                .arg(key)
                                .arg("1")
                                .arg("EX")
                                .arg(DEAD))
                .mapEmpty();
    }

    /** A page of the channels where a node has members, and where to go on; "0" is the begin and the end. */
    record Page(String next, List<String> channels) {}

    Future<Page> channels(String node, String from) {
        String key = of(node, ":c");
        return commands.send(
                        key,
                        () -> Request.cmd(Command.SSCAN)
                                .arg(key)
                                .arg(from)
                                .arg("COUNT")
                                .arg(100))
                .map(reply -> {
                    List<String> channels = new ArrayList<>();
                    reply.get(1).forEach(channel -> channels.add(channel.toString()));
                    return new Page(reply.get(0).toString(), channels);
                });
    }

    /** Nothing of a dead node is left to clean up. */
    Future<Void> cleaned(String node) {
        String key = of(node, ":c");
        String pending = keys().get(3);
        return commands.send(key, () -> Request.cmd(Command.DEL).arg(key))
                .compose((@Nullable Response done) -> commands.send(
                        pending, () -> Request.cmd(Command.ZREM).arg(pending).arg(node)))
                .mapEmpty();
    }
}
