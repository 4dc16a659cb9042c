package dev.polywire.cluster.redis;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.spi.PresenceStore.Snapshot;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Redis knows of a channel's presence, and the calls of its scripts. */
final class PresenceKeys {
    private static final Script JOIN = Script.load("run.lua", "members.lua", "join.lua");
    private static final Script UPDATE = Script.load("run.lua", "members.lua", "update.lua");
    private static final Script LEAVE = Script.load("run.lua", "members.lua", "leave.lua");
    private static final Script RESTORE = Script.load("run.lua", "members.lua", "restore.lua");
    private static final Script SWEEP = Script.load("run.lua", "members.lua", "sweep.lua");
    private static final Script LOOK = Script.load("run.lua", "members.lua", "look.lua");

    /** How many members one script lists: longer lists are read in pages, lest Redis serves nobody else meanwhile. */
    static final int PAGE = 1000;

    /** How often a list is begun anew because the channel has changed, before it is read under changing. */
    private static final int TRIES = 3;

    private final Commands commands;
    private final String prefix;

    PresenceKeys(Commands commands, RedisOptions options) {
        this.commands = commands;
        this.prefix = options.getPrefix();
    }

    private String key(String channel, String what) {
        return prefix + "{p:" + channel + "}" + what;
    }

    /** Names the channel of pub/sub where changes are told. */
    String topic(String channel) {
        return key(channel, ":t");
    }

    private List<String> keys(String channel, String node) {
        return List.of(
                key(channel, ":v"),
                key(channel, ":m"),
                key(channel, ":o"),
                key(channel, ":u"),
                topic(channel),
                key(channel, ":n:" + node));
    }

    private Future<@Nullable Response> eval(Script script, String channel, String node, Object... args) {
        List<Object> all = new ArrayList<>(args.length + 1);
        all.add(commands.cluster() ? "SPUBLISH" : "PUBLISH");
        all.addAll(List.of(args));
        return commands.eval(script, keys(channel, node), all);
    }

    /** What a join did; null for the member when the node is dead. */
    record Joined(@Nullable Entrant member, Snapshot snapshot) {}

    Future<Joined> join(String channel, String node, Member member, int bytes) {
        return eval(JOIN, channel, node, node, member.session(), Entrant.rest(member), bytes, PAGE)
                .map(reply -> {
                    List<Member> listed = new ArrayList<>();
                    list(reply.get(3), listed);
                    Snapshot snapshot = snapshot(
                            listed, reply.get(2).toInteger(), reply.get(1).toLong(), bytes);
                    boolean dead = reply.get(0).toLong() < 0;
                    return new Joined(
                            dead
                                    ? null
                                    : Entrant.decode(
                                            member.session(), reply.get(4).toBytes(), 0),
                            snapshot);
                });
    }

    private static Snapshot snapshot(List<Member> members, int count, long version, int bytes) {
        return new Snapshot(Snapshot.of(members, version, bytes).members(), count, version);
    }

    /** Adds what a script has listed, and returns the place of the last one; an empty text when there is none. */
    private static String list(Response told, List<Member> to) {
        String last = "";
        for (int i = 0; i + 2 < told.size(); i += 3) {
            String session = told.get(i).toString();
            to.add(Entrant.decode(session, told.get(i + 1).toBytes(), 0).member());
            last = told.get(i + 2).toString();
        }
        return last;
    }

    Future<Boolean> update(String channel, String node, String session, Payload state) {
        return eval(UPDATE, channel, node, node, session, Buffer.buffer(state.bytes()))
                .map(reply -> reply.toInteger() == 1);
    }

    Future<Boolean> leave(String channel, String node, String session) {
        return eval(LEAVE, channel, node, node, session).map(reply -> reply.toInteger() == 1);
    }

    /** How a channel is, and how many of its members a node has. */
    record State(int count, long version, int mine) {}

    Future<State> state(String channel, String node) {
        return eval(LOOK, channel, node, "-inf", 0, 0)
                .map(reply -> new State(
                        reply.get(1).toInteger(),
                        reply.get(0).toLong(),
                        reply.get(2).toInteger()));
    }

    /** Lists the sessions of a node's members: some, and where to go on; "0" is the begin and the end. */
    record Sessions(String next, List<String> sessions) {}

    Future<Sessions> sessions(String channel, String node, String from) {
        String key = key(channel, ":n:" + node);
        return commands.send(
                        key,
                        () -> Request.cmd(Command.SSCAN)
                                .arg(key)
                                .arg(from)
                                .arg("COUNT")
                                .arg(100))
                .map(reply -> {
                    List<String> sessions = new ArrayList<>();
                    reply.get(1).forEach(session -> sessions.add(session.toString()));
                    return new Sessions(reply.get(0).toString(), sessions);
                });
    }

    /** Reads a channel, in pages when it is large. */
    Future<Snapshot> read(String channel, int bytes) {
        return read(channel, bytes, 0);
    }

    private Future<Snapshot> read(String channel, int bytes, int tries) {
        return page(channel, bytes, "-inf", -1, new LinkedHashMap<>()).compose(found -> {
            boolean torn = found.first() != found.snapshot().version();
            // A list of several pages is that of one moment when nothing has changed in between.
            return torn && tries < TRIES
                    ? read(channel, bytes, tries + 1)
                    : Future.succeededFuture(torn ? older(found.snapshot(), found.first()) : found.snapshot());
        });
    }

    /** With the version of its first page, whoever has it takes the changes since then once more, and comes out right. */
    private static Snapshot older(Snapshot snapshot, long version) {
        return new Snapshot(snapshot.members(), snapshot.count(), version);
    }

    private record Found(long first, Snapshot snapshot) {}

    private Future<Found> page(String channel, int bytes, String after, long first, Map<String, Member> sofar) {
        return eval(LOOK, channel, "-", after, bytes, PAGE).compose(reply -> {
            List<Member> listed = new ArrayList<>();
            String last = list(reply.get(3), listed);
            listed.forEach(member -> sofar.put(member.session(), member));
            long version = reply.get(0).toLong();
            long begun = first < 0 ? version : first;
            List<Member> all = new ArrayList<>(sofar.values());
            boolean full = Snapshot.of(all, version, bytes).members().size() < all.size();
            if (listed.size() >= PAGE && !full) {
                return page(channel, bytes, last, begun, sofar);
            }
            return Future.succeededFuture(
                    new Found(begun, snapshot(all, reply.get(1).toInteger(), version, bytes)));
        });
    }

    /**
     * Puts members back that Redis may have forgotten.
     *
     * @param fences under which fence the node had each
     * @return the sessions that another node has; null when this node is dead
     */
    Future<@Nullable List<String>> restore(String channel, String node, List<Member> members, List<Long> fences) {
        List<Object> args = new ArrayList<>();
        args.add(node);
        for (int i = 0; i < members.size(); i++) {
            args.add(members.get(i).session());
            args.add(fences.get(i));
            args.add(Entrant.rest(members.get(i)));
        }
        return eval(RESTORE, channel, node, args.toArray()).map(reply -> {
            if (reply.get(0).toInteger() == 0) {
                return null;
            }
            List<String> moved = new ArrayList<>();
            for (int i = 1; i < reply.size(); i++) {
                moved.add(reply.get(i).toString());
            }
            return moved;
        });
    }

    /** Removes some members of a dead node; returns how many are left. */
    Future<Integer> sweep(String channel, String dead, int most) {
        return eval(SWEEP, channel, dead, dead, most).map(Response::toInteger);
    }
}
