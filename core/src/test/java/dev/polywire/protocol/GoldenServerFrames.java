package dev.polywire.protocol;

import static dev.polywire.protocol.GoldenClientFrames.json;

import dev.polywire.protocol.ServerFrame.Ack;
import dev.polywire.protocol.ServerFrame.Bounds;
import dev.polywire.protocol.ServerFrame.Bye;
import dev.polywire.protocol.ServerFrame.Error;
import dev.polywire.protocol.ServerFrame.Gap;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.protocol.ServerFrame.History;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.protocol.ServerFrame.Noop;
import dev.polywire.protocol.ServerFrame.Ping;
import dev.polywire.protocol.ServerFrame.Pong;
import dev.polywire.protocol.ServerFrame.PresenceChange;
import dev.polywire.protocol.ServerFrame.PresenceList;
import dev.polywire.protocol.ServerFrame.Received;
import dev.polywire.protocol.ServerFrame.Refresh;
import dev.polywire.protocol.ServerFrame.Reply;
import dev.polywire.protocol.ServerFrame.Request;
import dev.polywire.protocol.ServerFrame.Subscribed;
import dev.polywire.protocol.ServerFrame.Unsubscribed;
import dev.polywire.protocol.ServerFrame.Welcome;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What each golden file of a frame from the server is written from. */
final class GoldenServerFrames {
    private static final Position POSITION = new Position("e7Qa", 17);
    private static final String CHAT = "chat:42";
    private static final long NOW = 1764000000000L;
    private static final Member ADA = new Member("s-1", "ada", Payload.of("online"), NOW);
    private static final Member ANONYMOUS = new Member("s-2", null, json("{\"typing\":true}"), NOW + 1);
    private static final Bounds BOUNDS = new Bounds(65536, 1048576, 262144, 1048576, 100);
    private static final Message MESSAGE =
            new Message(CHAT, null, json("{\"text\":\"hi\"}"), NOW, 0, null, null, null, null, null, 1);
    private static final Message MESSAGE_ALL = new Message(
            CHAT, "ADDED", json("{\"text\":\"Grüße 🙂\"}"), NOW, 17, "ada", "k-1", NOW - 10, "t-1", "m-1", 2);

    private GoldenServerFrames() {}

    /** The frame that is in each {@code server-<name>.json}. */
    static Map<String, ServerFrame> all() {
        Map<String, ServerFrame> all = new TreeMap<>();
        opening(all);
        channels(all);
        presence(all);
        all.put("ack", new Ack("3", null, false));
        all.put("ack-all", new Ack("3", POSITION, true));
        all.put("error", new Error(ErrorCode.FORBIDDEN, "Not allowed.", null, null, 0, 0, null));
        all.put("error-all", new Error(ErrorCode.RATE_LIMITED, "Too many frames.", "3", CHAT, 12, 150, null));
        all.put(
                "error-version",
                new Error(ErrorCode.UNSUPPORTED_VERSION, "No version in common.", null, null, 0, 0, List.of(1)));
        all.put("reply", new Reply("4", json("{\"order\":9}")));
        all.put("request", new Request("r1", "confirm", json("{\"text\":\"Sure?\"}"), 5000));
        all.put("refresh", new Refresh(60000));
        all.put("noop", new Noop());
        all.put("received", new Received(12));
        all.put("ping", new Ping(40, null));
        all.put("ping-probe", new Ping(-1, "p1"));
        all.put("pong", new Pong(40, "p1"));
        all.put("pong-bare", new Pong(-1, null));
        all.put("bye", new Bye(CloseReason.NORMAL, 0, 40));
        all.put("bye-later", new Bye(CloseReason.TRY_LATER, 5000, 0));
        return all;
    }

    private static void opening(Map<String, ServerFrame> all) {
        all.put(
                "welcome",
                new Welcome(
                        1,
                        "s-1",
                        "z9",
                        "ada",
                        false,
                        null,
                        0,
                        1,
                        25000,
                        60000,
                        List.of("websocket", "sse", "longpoll"),
                        BOUNDS));
        all.put(
                "welcome-anonymous",
                new Welcome(1, "s-1", "z9", null, false, "expired", 0, 1, 25000, 60000, List.of("sse"), BOUNDS));
        all.put("welcome-resumed", new Welcome(1, "s-1", null, null, true, null, 7, 41, 25000, 60000, null, null));
    }

    private static void channels(Map<String, ServerFrame> all) {
        all.put("subscribed", subscribed(null, null, false));
        all.put("subscribed-recovered", subscribed(POSITION, true, false));
        all.put("subscribed-not-recovered", subscribed(POSITION, false, false));
        all.put("subscribed-already", subscribed(null, null, true));
        all.put(
                "subscribed-presence",
                new Subscribed("1", CHAT, POSITION, null, false, List.of(ADA, ANONYMOUS), 2, 5, json("{\"open\":3}")));
        all.put("subscribed-empty-presence", new Subscribed(null, CHAT, null, null, false, List.of(), 0, 0, null));
        all.put("unsubscribed", new Unsubscribed("2", CHAT, null));
        all.put("unsubscribed-reason", new Unsubscribed(null, CHAT, "denied"));
        all.put("message", MESSAGE);
        all.put("message-all", MESSAGE_ALL);
        all.put("message-direct", new Message(null, "notice", Payload.NULL, NOW, 0, null, null, null, null, null, 0));
        all.put("history", new History("6", CHAT, List.of(MESSAGE_ALL, MESSAGE), POSITION, true));
        all.put("history-empty", new History("6", CHAT, List.of(), new Position("e7Qa", 0), false));
        all.put("gap", new Gap(CHAT, GapReason.OVERFLOW, POSITION, 3));
        all.put("gap-epoch", new Gap(CHAT, GapReason.EPOCH, POSITION, 0));
        all.put("gap-denied", new Gap(CHAT, GapReason.DENIED, POSITION, 0));
        all.put("gap-trimmed", new Gap(CHAT, GapReason.TRIMMED, POSITION, 0));
        all.put("gap-unknown", new Gap(CHAT, GapReason.UNKNOWN, null, 0));
    }

    private static Subscribed subscribed(@Nullable Position position, @Nullable Boolean recovered, boolean already) {
        return new Subscribed("1", CHAT, position, recovered, already, null, -1, 0, null);
    }

    private static void presence(Map<String, ServerFrame> all) {
        all.put("presence", new PresenceList("5", CHAT, List.of(ADA), 1, 4));
        all.put("presence-count", new PresenceList("5", CHAT, null, 1, 4));
        all.put("presence-change", new PresenceChange(CHAT, ANONYMOUS, 2, 6));
        all.put("join", new Join(CHAT, ADA, 1, 1, true));
        all.put("join-again", new Join(CHAT, ANONYMOUS, 2, 2, false));
        all.put("leave", new Leave(CHAT, ADA, 1, 3, false));
        all.put("leave-last", new Leave(CHAT, ANONYMOUS, 0, 4, true));
    }
}
