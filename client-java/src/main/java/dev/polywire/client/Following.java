package dev.polywire.client;

import io.vertx.core.json.JsonObject;

/** Follows the members of a channel during one subscription, tells of changes, and asks for the list when some were missed (R35). */
final class Following {
    private final ChannelHost host;
    private final String name;
    private final Subscription.Ear ear;
    private final Members members = new Members();
    /** A list was asked for. */
    private boolean stale;

    Following(ChannelHost host, String name, Subscription.Ear ear) {
        this.host = host;
        this.name = name;
        this.ear = ear;
    }

    Members members() {
        return members;
    }

    /** Nothing is known any more. */
    void clear() {
        stale = false;
        members.clear();
    }

    /** Takes a {@code join}, {@code leave} or {@code presence} in. */
    void take(JsonObject frame) {
        switch (members.take(frame)) {
            case JUMP -> {
                if (!stale) {
                    stale = true;
                    JsonObject ask = new JsonObject().put("type", "presence").put("channel", name);
                    host.calls().ask(ask, Channel.PATIENCE.toMillis()).onComplete(got -> stale = false);
                }
            }
            case CHANGED -> {
                JsonObject member = Frames.object(frame, "member");
                if (member != null) {
                    boolean edge = Frames.flag(frame, "first") || Frames.flag(frame, "last");
                    ear.changed(Frames.type(frame), new Channel.Change(Frames.member(member), members.count(), edge));
                }
            }
            case ALL -> ear.listed(new Channel.Present(Frames.members(frame), members.count()));
            case OLD -> {
                // Was told before.
            }
        }
    }
}
