package dev.polywire.cluster.redis;

import dev.polywire.spi.Peers.Node;
import dev.polywire.spi.Quota;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What users and addresses use at all nodes, counted in Redis: one script and one key for each. What nodes hold that live no more is left out here, because one script cannot see the
 * leases as well in a Redis Cluster; it is forgotten there after {@link Quota#KEPT}.
 */
final class RedisQuota implements Quota {
    private static final Script TELL = Script.load("quota.lua");

    /** So young, a list of the nodes is not read again, because of whatever name; nanoseconds. */
    private static final long YOUNG = TimeUnit.MILLISECONDS.toNanos(300);

    private record Parts(Commands commands, String prefix, NodeKeys keys, Lease lease, long third) {}

    /** Who was alive when. */
    private record Alive(Set<String> names, long at) {}

    private volatile @Nullable Parts parts;
    private volatile @Nullable Alive alive;
    private volatile @Nullable Runnable listener;

    /** On the context. */
    private @Nullable Future<Alive> listing;

    void start(Commands commands, RedisOptions options, NodeOptions nodeOptions, NodeKeys keys, Lease lease) {
        long third = TimeUnit.MILLISECONDS.toNanos(nodeOptions.getLease().toMillis()) / 3;
        parts = new Parts(commands, options.getPrefix(), keys, lease, third);
    }

    @Override
    public void listen(Runnable forgotten) {
        listener = forgotten;
    }

    /** Redis may have forgotten, or knows this node by another name. */
    void forgotten() {
        Runnable told = listener;
        if (told != null) {
            told.run();
        }
    }

    @Override
    public Future<Standing> tell(String key, Use use) {
        Parts now = parts;
        if (now == null) {
            throw new IllegalStateException("This node has not joined.");
        }
        List<Object> args = new ArrayList<>();
        args.add(now.lease.self());
        args.add(use.spent().size());
        args.add(use.held().size());
        args.add(MOST);
        args.add(KEPT * 1000);
        args.addAll(use.spent());
        args.addAll(use.held());
        return now.commands
                .eval(TELL, List.of(now.prefix + "{q:" + key + "}"), args)
                .compose(reply -> standing(now, reply, use.held().size()))
                .recover(error -> Future.failedFuture(Away.unavailable(error)));
    }

    private record Held(String node, List<Long> counts) {}

    private Future<Standing> standing(Parts now, Response reply, int things) {
        List<Long> owed = new ArrayList<>();
        reply.get(0).forEach(debt -> owed.add(debt.toLong()));
        List<Held> all = new ArrayList<>();
        Response told = reply.get(1);
        for (int i = 0; i + things < told.size(); i += things + 1) {
            List<Long> counts = new ArrayList<>(things);
            for (int j = 1; j <= things; j++) {
                counts.add(told.get(i + j).toLong());
            }
            all.add(new Held(told.get(i).toString(), counts));
        }
        if (all.isEmpty()) {
            return Future.succeededFuture(sum(owed, all, things));
        }
        // Who cannot be told to be dead counts.
        return alive(now, all)
                .map(known -> sum(
                        owed,
                        all.stream()
                                .filter(held -> known.names().contains(held.node()))
                                .toList(),
                        things))
                .otherwise(unknown -> sum(owed, all, things));
    }

    private static Standing sum(List<Long> owed, List<Held> all, int things) {
        List<Long> held = new ArrayList<>(things);
        for (int j = 0; j < things; j++) {
            int thing = j;
            held.add(all.stream().mapToLong(one -> one.counts().get(thing)).sum());
        }
        return new Standing(List.copyOf(owed), List.copyOf(held));
    }

    /** Finds out who lives; on the context. */
    private Future<Alive> alive(Parts now, List<Held> all) {
        Alive known = alive;
        if (known != null) {
            long age = System.nanoTime() - known.at();
            if (age < YOUNG
                    || age < now.third
                            && all.stream().allMatch(held -> known.names().contains(held.node()))) {
                return Future.succeededFuture(known);
            }
        }
        Future<Alive> under = listing;
        if (under != null) {
            return under;
        }
        long at = System.nanoTime();
        Future<Alive> mine = now.keys.list().map(nodes -> {
            Alive made = new Alive(nodes.stream().map(Node::name).collect(Collectors.toCollection(HashSet::new)), at);
            alive = made;
            return made;
        });
        listing = mine;
        mine.onComplete(done -> listing = null);
        return mine;
    }
}
