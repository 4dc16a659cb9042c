package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/** Removes the members of dead nodes: every one of them once, however many nodes are at it, because each removal is a script. On the context. */
final class Sweep {
    /** How many members one script removes. */
    private static final int CHUNK = 100;

    private final NodeKeys nodes;
    private final PresenceKeys presence;

    Sweep(NodeKeys nodes, PresenceKeys presence) {
        this.nodes = nodes;
        this.presence = presence;
    }

    /** Cleans up after a node; may be begun again by anybody when it fails. */
    Future<Void> clean(String dead) {
        return nodes.close(dead).compose(closed -> page(dead, "0")).compose(done -> nodes.cleaned(dead));
    }

    private Future<Void> page(String dead, String from) {
        return nodes.channels(dead, from).compose(page -> {
            List<Future<Void>> all = new ArrayList<>();
            page.channels().forEach(channel -> all.add(channel(dead, channel)));
            return Future.join(all)
                    .compose(
                            done -> page.next().equals("0") ? Future.<Void>succeededFuture() : page(dead, page.next()));
        });
    }

    private Future<Void> channel(String dead, String channel) {
        return presence.sweep(channel, dead, CHUNK)
                .compose(left -> left > 0 ? channel(dead, channel) : Future.succeededFuture());
    }
}
