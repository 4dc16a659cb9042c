package dev.polywire.examples.chat;

import dev.polywire.examples.shared.Texts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The messages of a room or of two people, the newest {@value #MOST} of them. Not for several threads: {@link Rooms} has the lock. */
final class Conversation {
    /** How many messages are kept; the oldest give way. */
    static final int MOST = 1000;

    /** The longest text, in UTF-16 units, as the page counts. */
    static final int TEXT = 4000;

    /** Up to how many unread messages are counted; so many stand for any number. */
    static final int UNREAD = 100;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{8,40}");

    private final String channel;
    private final Map<String, Message> byId = new HashMap<>();
    private final NavigableMap<Long, String> bySeq = new TreeMap<>();
    private long last;

    Conversation(String channel) {
        this.channel = channel;
    }

    String channel() {
        return channel;
    }

    /** The place of the newest message, 0 for none. */
    long last() {
        return last;
    }

    /** Adds a message. One that its author has sent before, and sends again because he had no answer, is there already. */
    Message add(Person author, @Nullable String id, @Nullable String text, long now) {
        Message before = byId.get(checkedId(id));
        if (before != null) {
            return own(before, author);
        }
        return put(new Message(checkedId(id), last + 1, 1, author, checkedText(text), now, 0, false));
    }

    Message edit(Person author, @Nullable String id, @Nullable String text, long now) {
        Message message = own(find(id), author);
        if (message.deleted()) {
            throw Refused.missing("The message was deleted.");
        }
        String wanted = checkedText(text);
        return wanted.equals(message.text()) ? message : put(message.edit(wanted, now));
    }

    Message delete(Person author, @Nullable String id) {
        Message message = own(find(id), author);
        return message.deleted() ? message : put(message.delete());
    }

    /** Takes a message as it was written down, unless there is a newer version of it. */
    Message put(Message message) {
        Message now = byId.get(message.id());
        if (now != null && now.version() >= message.version()) {
            return now;
        }
        byId.put(message.id(), message);
        bySeq.put(message.seq(), message.id());
        last = Math.max(last, message.seq());
        while (byId.size() > MOST) {
            byId.remove(bySeq.pollFirstEntry().getValue());
        }
        return message;
    }

    /**
     * Reads a page.
     *
     * @param before older than the message of that place
     * @param limit at most so many
     * @return oldest first
     */
    List<Message> page(long before, int limit) {
        ArrayDeque<Message> page = new ArrayDeque<>();
        for (String id : bySeq.headMap(before, false).descendingMap().values()) {
            if (page.size() == limit) {
                break;
            }
            page.addFirst(Objects.requireNonNull(byId.get(id)));
        }
        return new ArrayList<>(page);
    }

    /** Whether there is anything older than a message. */
    boolean reachesBeyond(long seq) {
        return !bySeq.isEmpty() && bySeq.firstKey() < seq;
    }

    /** Counts what others have said after a place and not taken back, up to {@value #UNREAD}. */
    int unread(String reader, long after) {
        int count = 0;
        for (String id : bySeq.tailMap(after, false).values()) {
            Message message = Objects.requireNonNull(byId.get(id));
            if (!message.deleted() && !message.author().id().equals(reader) && ++count == UNREAD) {
                break;
            }
        }
        return count;
    }

    private Message find(@Nullable String id) {
        Message message = byId.get(checkedId(id));
        if (message == null) {
            throw Refused.missing("There is no such message any more.");
        }
        return message;
    }

    private static Message own(Message message, Person author) {
        if (!message.author().id().equals(author.id())) {
            throw Refused.forbidden("Only who wrote a message may change it.");
        }
        return message;
    }

    private static String checkedId(@Nullable String id) {
        if (id == null || !ID.matcher(id).matches()) {
            throw Refused.bad("A message needs an id of 8 to 40 letters, digits, _ or -.");
        }
        return id;
    }

    private static String checkedText(@Nullable String text) {
        String trimmed = text == null ? "" : text.strip();
        if (!Texts.visible(trimmed)) {
            throw Refused.bad("A message needs some text.");
        }
        if (trimmed.length() > TEXT) {
            throw Refused.bad("A message may have " + TEXT + " characters; this one has " + trimmed.length() + ".");
        }
        return trimmed;
    }
}
