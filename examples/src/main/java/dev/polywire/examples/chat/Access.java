package dev.polywire.examples.chat;

import dev.polywire.Authorizer;
import dev.polywire.Principal;
import io.vertx.core.Future;

/** Who may be where: everybody who has a name in the rooms, and only the two of them in a conversation of two. */
final class Access implements Authorizer {
    @Override
    public Future<Boolean> authorize(Principal principal, Action action, String target) {
        String user = principal.id();
        if (user == null) {
            return Future.succeededFuture(false);
        }
        return Future.succeededFuture(
                switch (action) {
                    case CONNECT, REQUEST -> true;
                    case SUBSCRIBE, PUBLISH, PRESENCE -> mayBeIn(target, user);
                    // What was deleted may still stand in a channel's history; a page reads what there is now.
                    case HISTORY -> false;
                });
    }

    private static boolean mayBeIn(String channel, String user) {
        String place = channel.startsWith("typing:") ? channel.substring("typing:".length()) : channel;
        if (place.startsWith("dm:")) {
            return Rooms.isOf(place, user);
        }
        return place.startsWith("room:") || channel.equals("rooms") || channel.equals("user:" + user);
    }
}
