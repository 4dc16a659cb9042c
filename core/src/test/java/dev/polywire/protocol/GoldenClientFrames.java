package dev.polywire.protocol;

import dev.polywire.protocol.ClientFrame.Ack;
import dev.polywire.protocol.ClientFrame.Bye;
import dev.polywire.protocol.ClientFrame.Failure;
import dev.polywire.protocol.ClientFrame.Hello;
import dev.polywire.protocol.ClientFrame.History;
import dev.polywire.protocol.ClientFrame.Noop;
import dev.polywire.protocol.ClientFrame.Ping;
import dev.polywire.protocol.ClientFrame.Pong;
import dev.polywire.protocol.ClientFrame.Presence;
import dev.polywire.protocol.ClientFrame.Publish;
import dev.polywire.protocol.ClientFrame.Received;
import dev.polywire.protocol.ClientFrame.Refresh;
import dev.polywire.protocol.ClientFrame.Reply;
import dev.polywire.protocol.ClientFrame.Request;
import dev.polywire.protocol.ClientFrame.Resume;
import dev.polywire.protocol.ClientFrame.Subscribe;
import dev.polywire.protocol.ClientFrame.Unsubscribe;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What each golden file of a frame from the client means. */
final class GoldenClientFrames {
    private static final String NONCE = "0123456789abcdef";
    private static final Position POSITION = new Position("e7Qa", 17);
    private static final String CHAT = "chat:42";

    private GoldenClientFrames() {}

    /** The frame that is in each {@code client-<name>.json}. */
    static Map<String, ClientFrame> all() {
        Map<String, ClientFrame> all = new TreeMap<>();
        all.put("hello", new Hello(List.of(1), null, null, null, Payload.NULL));
        all.put("hello-new", new Hello(List.of(1, 2), NONCE, "eyJ.a.b", null, json("{\"compress\":false}")));
        all.put("hello-resume", new Hello(List.of(1), NONCE, null, new Resume("s-1", "z9", 2, 40, 7), Payload.NULL));
        all.put("subscribe", new Subscribe("1", List.of(CHAT, "news"), Map.of(), Map.of()));
        all.put("subscribe-positions", new Subscribe("1", List.of(CHAT, "news"), Map.of(CHAT, POSITION), Map.of()));
        all.put("subscribe-tokens", new Subscribe("1", List.of(CHAT, "news"), Map.of(), Map.of(CHAT, "eyJ.e.f")));
        all.put("unsubscribe", new Unsubscribe("2", List.of(CHAT)));
        publish(all);
        all.put("request", new Request("4", "orders.create", json("{\"sku\":\"A1\"}"), 0, null));
        all.put("request-all", new Request("4", "orders.create", json("{\"sku\":\"A1\"}"), 2500, "t-1"));
        all.put("request-no-payload", new Request("4", "clock", Payload.NULL, 0, null));
        all.put("reply", new Reply("r1", json("[1,2]")));
        all.put("reply-no-payload", new Reply("r1", Payload.NULL));
        all.put("error", new Failure("r1", "forbidden", "Not for you."));
        all.put("error-bare", new Failure("r1", "internal", ""));
        all.put("presence", new Presence("5", CHAT, null, false));
        all.put("presence-state", new Presence("5", CHAT, json("{\"typing\":true}"), false));
        all.put("presence-state-null", new Presence("5", CHAT, Payload.NULL, false));
        all.put("presence-count", new Presence("5", CHAT, null, true));
        all.put("history", new History("6", CHAT, null, 100, false));
        all.put("history-all", new History("6", CHAT, POSITION, 1000, true));
        all.put("refresh", new Refresh("7", "eyJ.c.d"));
        all.put("ack", new Ack("m-1"));
        all.put("noop", new Noop());
        all.put("received", new Received(12));
        all.put("received-most", new Received(Limits.MAX_COUNT));
        all.put("ping", new Ping(-1, null));
        all.put("ping-all", new Ping(3, "p1"));
        all.put("ping-nulls", new Ping(-1, null));
        all.put("pong", new Pong(-1, null));
        all.put("pong-all", new Pong(3, "p1"));
        all.put("bye", new Bye(-1, null));
        all.put("bye-all", new Bye(9, "closed"));
        return all;
    }

    private static void publish(Map<String, ClientFrame> all) {
        all.put("publish", publish(json("\"hello\"")));
        all.put("publish-null", publish(Payload.NULL));
        all.put("publish-unknown-members", publish(json("1")));
        all.put(
                "publish-spaced",
                publish(json("{\"a b\":[1,2],\"exact\":12345678901234567890.1234567890,\"big\":1E400}")));
        all.put("publish-escapes", publish(json("\"\\ud83d\\ude00 \\ud800 \\u0000 \\/ \\n\"")));
        Payload payload = json("{\"text\":\"Grüße 🙂\",\"n\":[1,2.5,null,true]}");
        all.put("publish-all", new Publish("3", CHAT, "ADDED", payload, "k-1", 1764000000000L, "t-1", false, true));
    }

    private static ClientFrame publish(Payload payload) {
        return new Publish(null, CHAT, null, payload, null, null, null, true, false);
    }

    /** A payload of exactly this text. */
    static Payload json(String text) {
        return Payload.ofTrusted(text.getBytes(StandardCharsets.UTF_8));
    }
}
