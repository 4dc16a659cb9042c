package dev.polywire.session;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ServerFrame;
import org.jspecify.annotations.Nullable;

/** What stands for a frame that was queued for a session and that the session may no longer read (rule 11). */
final class Denial {
    private Denial() {}

    /** Returns the channel whose data a frame holds; null when it holds none, so that it may be read in any case. */
    static @Nullable String channel(ServerFrame frame) {
        if (frame instanceof ServerFrame.Subscribed subscribed) {
            return subscribed.channel();
        }
        if (frame instanceof ServerFrame.PresenceList presence) {
            return presence.channel();
        }
        if (frame instanceof ServerFrame.Message message) {
            return message.channel();
        }
        if (frame instanceof ServerFrame.Join join) {
            return join.channel();
        }
        if (frame instanceof ServerFrame.Leave leave) {
            return leave.channel();
        }
        if (frame instanceof ServerFrame.PresenceChange change) {
            return change.channel();
        }
        if (frame instanceof ServerFrame.Gap gap) {
            return gap.channel();
        }
        return frame instanceof ServerFrame.History history ? history.channel() : null;
    }

    /** Returns the refusal that a question gets in place of its answer; null when the frame answers no question. */
    static ServerFrame.@Nullable Error answer(ServerFrame frame) {
        String id = null;
        if (frame instanceof ServerFrame.Subscribed subscribed) {
            id = subscribed.id();
        } else if (frame instanceof ServerFrame.PresenceList presence) {
            id = presence.id();
        } else if (frame instanceof ServerFrame.History history) {
            id = history.id();
        }
        return id == null
                ? null
                : new ServerFrame.Error(
                        ErrorCode.FORBIDDEN,
                        "Reading the channel is no longer allowed.",
                        id,
                        channel(frame),
                        0,
                        0,
                        null);
    }

    /** Returns what takes the place of a frame that has a number. */
    static ServerFrame gap(String channel) {
        return new ServerFrame.Gap(channel, ServerFrame.GapReason.DENIED, null, 0);
    }
}
