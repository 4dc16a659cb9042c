package dev.polywire.examples.chat;

import dev.polywire.examples.shared.Texts;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.text.Normalizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All rooms and conversations of two, who has joined which, and how far each has read. What is here counts; the channels only tell of it.
 * Safe to call from any thread.
 */
final class Rooms {
    /** How many rooms there may be. */
    static final int MOST = 100;

    /** How many conversations with others somebody may have. */
    static final int DIRECT = 100;

    /** How many messages a page is told at once, at most. */
    static final int PAGE = 60;

    /** How many bytes those may have as JSON: with what else is on its way it has to fit the window of a session. */
    static final int PAGE_BYTES = 128 * 1024;

    /** What is there from the start. */
    private static final Map<String, String> FIRST = new LinkedHashMap<>();

    static {
        FIRST.put("general", "What everybody should see");
        FIRST.put("help", "Questions, and somebody who knows");
        FIRST.put("off-topic", "Everything else");
    }

    private final Journal journal;
    private final Map<String, JsonObject> rooms = new LinkedHashMap<>();
    private final Map<String, Conversation> conversations = new HashMap<>();
    private final Map<String, Set<String>> joined = new HashMap<>();
    private final Map<String, Map<String, Person>> direct = new HashMap<>();
    private final Map<String, Map<String, Long>> reads = new HashMap<>();

    /**
     * Creates the first rooms.
     *
     * @param journal where it is written down
     */
    Rooms(Journal journal) {
        this.journal = journal;
        FIRST.forEach(this::room);
    }

    /** The channel of two people, the same for both. */
    static String channel(Person one, Person other) {
        return one.id().compareTo(other.id()) < 0
                ? "dm:" + one.id() + "," + other.id()
                : "dm:" + other.id() + "," + one.id();
    }

    /** Whether somebody is one of the two whose channel it is. */
    static boolean isOf(String channel, String user) {
        return channel.startsWith("dm:")
                && List.of(channel.substring(3).split(",", -1)).contains(user);
    }

    private JsonObject room(String name, String topic) {
        String channel = "room:" + name;
        JsonObject room =
                new JsonObject().put("channel", channel).put("name", name).put("topic", topic);
        rooms.put(channel, room);
        conversations.put(channel, new Conversation(channel));
        return room;
    }

    /** Says what rooms there are, oldest first. */
    synchronized JsonArray list() {
        return new JsonArray(new ArrayList<>(rooms.values()));
    }

    /** Makes a room, which its maker joins. */
    synchronized JsonObject open(Person maker, @Nullable String wanted, @Nullable String topic) {
        journal.check();
        String name = slug(wanted);
        if (rooms.containsKey("room:" + name)) {
            throw Refused.bad("There is a room of that name already.");
        }
        if (rooms.size() >= MOST) {
            throw Refused.bad("There are " + MOST + " rooms, and there cannot be more.");
        }
        String about = topic == null ? "" : topic.strip();
        if (about.length() > 120) {
            throw Refused.bad("A topic has at most 120 characters.");
        }
        JsonObject room = room(name, about);
        journal.write(room.copy().put("is", "room"));
        join(maker, "room:" + name);
        return room;
    }

    /** Makes somebody a member of a room, who has read what is there already. */
    synchronized JsonObject join(Person who, String channel) {
        journal.check();
        if (!rooms.containsKey(channel)) {
            throw Refused.missing("There is no such room.");
        }
        if (of(who).add(channel)) {
            journal.write(entry("joined", who.id(), channel));
            read(who, channel, conversation(channel).last());
        }
        return mine(who, channel);
    }

    /** Ends that. */
    synchronized void leave(Person who, String channel) {
        journal.check();
        Set<String> theirs = joined.get(who.id());
        if (theirs != null && theirs.remove(channel)) {
            journal.write(entry("left", who.id(), channel));
        }
    }

    /** Begins a conversation of two, if there is none. */
    synchronized JsonObject direct(Person one, Person other) {
        journal.check();
        if (one.id().equals(other.id())) {
            throw Refused.bad("You cannot write to yourself.");
        }
        String channel = channel(one, other);
        if (!conversations.containsKey(channel)) {
            if (others(one.id()).size() >= DIRECT || others(other.id()).size() >= DIRECT) {
                throw Refused.bad("One of you has " + DIRECT + " conversations, and cannot have more.");
            }
            pair(channel, one, other);
            journal.write(new JsonObject()
                    .put("is", "direct")
                    .put("channel", channel)
                    .put("one", one.toJson())
                    .put("other", other.toJson()));
        }
        return mine(one, channel);
    }

    private void pair(String channel, Person one, Person other) {
        conversations.computeIfAbsent(channel, Conversation::new);
        others(one.id()).put(channel, other);
        others(other.id()).put(channel, one);
    }

    /** Changes a conversation by one message, and writes that down. */
    synchronized Written write(String channel, Function<Conversation, Message> change) {
        journal.check();
        Message message = change.apply(conversation(channel));
        return new Written(message, journal.write(entry(channel, message)));
    }

    /**
     * A message that was taken in.
     *
     * @param message as it is now
     * @param kept completes when it is written down
     */
    record Written(Message message, Future<Void> kept) {}

    /**
     * Says what was said last, or before that.
     *
     * @param channel where
     * @param before older than the message of that place
     * @return as much as {@link #PAGE} and {@link #PAGE_BYTES} allow, one message at least when there is one; {@code earlier} tells whether there is more
     */
    synchronized JsonObject page(String channel, long before) {
        Conversation conversation = conversation(channel);
        List<Message> page = conversation.page(before, PAGE);
        ArrayDeque<JsonObject> messages = new ArrayDeque<>();
        int bytes = 0;
        for (int i = page.size() - 1; i >= 0; i--) {
            JsonObject message = page.get(i).toJson();
            bytes += message.toBuffer().length();
            if (bytes > PAGE_BYTES && !messages.isEmpty()) {
                break;
            }
            messages.addFirst(message);
        }
        return new JsonObject()
                .put("channel", channel)
                .put("messages", new JsonArray(new ArrayList<>(messages)))
                .put("last", conversation.last())
                .put(
                        "earlier",
                        !messages.isEmpty()
                                && conversation.reachesBeyond(
                                        messages.getFirst().getLong("seq")));
    }

    /** Notes how far somebody has read; never less than before. */
    synchronized boolean read(Person who, String channel, long seq) {
        long upTo = Math.min(seq, conversation(channel).last());
        Map<String, Long> own = reads.computeIfAbsent(who.id(), any -> new HashMap<>());
        if (upTo <= own.getOrDefault(channel, -1L)) {
            return false;
        }
        own.put(channel, upTo);
        journal.write(entry("read", who.id(), channel).put("seq", upTo));
        return true;
    }

    /** Says where somebody is: rooms and conversations, how far they are read, and how much is unread. */
    synchronized JsonObject mine(Person who) {
        if (!joined.containsKey(who.id())) {
            FIRST.keySet().forEach(name -> join(who, "room:" + name));
        }
        JsonArray all = new JsonArray();
        of(who).forEach(channel -> all.add(mine(who, channel)));
        others(who.id()).keySet().forEach(channel -> all.add(mine(who, channel)));
        return new JsonObject().put("me", who.toJson()).put("conversations", all);
    }

    /** Says the same of one conversation. */
    synchronized JsonObject mine(Person who, String channel) {
        JsonObject room = rooms.get(channel);
        JsonObject one = room != null ? room.copy() : new JsonObject().put("channel", channel);
        Person other = others(who.id()).get(channel);
        if (other != null) {
            one.put("with", other.toJson());
        }
        Conversation conversation = conversation(channel);
        long read = reads.getOrDefault(who.id(), Map.of()).getOrDefault(channel, 0L);
        return one.put("last", conversation.last())
                .put("read", read)
                .put("unread", conversation.unread(who.id(), read));
    }

    synchronized boolean exists(String channel) {
        return conversations.containsKey(channel);
    }

    /** Takes what was written down. */
    synchronized void replay(JsonObject entry) {
        String channel = entry.getString("channel", "");
        String user = entry.getString("user", "");
        switch (entry.getString("is")) {
            case "room" -> {
                if (!rooms.containsKey(channel)) {
                    room(entry.getString("name"), entry.getString("topic"));
                }
            }
            case "direct" -> pair(channel, person(entry.getJsonObject("one")), person(entry.getJsonObject("other")));
            case "joined" ->
                joined.computeIfAbsent(user, any -> new LinkedHashSet<>()).add(channel);
            case "left" ->
                joined.computeIfAbsent(user, any -> new LinkedHashSet<>()).remove(channel);
            case "read" ->
                reads.computeIfAbsent(user, any -> new HashMap<>()).merge(channel, entry.getLong("seq"), Math::max);
            case "message" -> conversation(channel).put(Message.of(entry.getJsonObject("message")));
            default -> throw new IllegalArgumentException("unknown entry");
        }
    }

    /** Adds what is to be written down to keep all of this. */
    synchronized void dump(List<JsonObject> to) {
        rooms.values().forEach(room -> to.add(room.copy().put("is", "room")));
        direct.forEach((user, theirs) ->
                theirs.forEach((channel, other) -> others(other.id()).forEach((same, self) -> {
                    if (same.equals(channel) && self.id().compareTo(other.id()) < 0) {
                        to.add(new JsonObject()
                                .put("is", "direct")
                                .put("channel", channel)
                                .put("one", self.toJson())
                                .put("other", other.toJson()));
                    }
                })));
        joined.forEach((user, theirs) -> {
            if (theirs.isEmpty()) {
                // That somebody has left all rooms is to be known, too: who is new joins the first ones.
                to.add(entry("left", user, "room:" + FIRST.keySet().iterator().next()));
            }
            theirs.forEach(channel -> to.add(entry("joined", user, channel)));
        });
        reads.forEach((user, own) -> own.forEach(
                (channel, seq) -> to.add(entry("read", user, channel).put("seq", seq))));
        conversations.forEach((channel, conversation) -> conversation
                .page(Long.MAX_VALUE, Conversation.MOST)
                .forEach(message -> to.add(entry(channel, message))));
    }

    private Conversation conversation(String channel) {
        Conversation found = conversations.get(channel);
        if (found == null) {
            throw Refused.missing("There is no such conversation.");
        }
        return found;
    }

    private Set<String> of(Person who) {
        return joined.computeIfAbsent(who.id(), any -> new LinkedHashSet<>());
    }

    private Map<String, Person> others(String user) {
        return direct.computeIfAbsent(user, any -> new LinkedHashMap<>());
    }

    private static JsonObject entry(String is, String user, String channel) {
        return new JsonObject().put("is", is).put("user", user).put("channel", channel);
    }

    private static JsonObject entry(String channel, Message message) {
        return new JsonObject().put("is", "message").put("channel", channel).put("message", message.toJson());
    }

    private static Person person(JsonObject json) {
        return new Person(json.getString("id"), json.getString("name"));
    }

    private static String slug(@Nullable String wanted) {
        String name = Normalizer.normalize(wanted == null ? "" : wanted, Normalizer.Form.NFKC)
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[\\s_]+", "-");
        if (!name.matches("[\\p{L}\\p{M}\\p{Nd}-]{2,32}") || !Texts.visible(name.replace("-", ""))) {
            throw Refused.bad("A room's name has 2 to 32 letters, digits and hyphens.");
        }
        return name;
    }
}
