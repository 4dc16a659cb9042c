package dev.polywire.cluster.redis;

import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel where this node has members: who they are, and which version of the channel has been told here. The next version is told, an earlier one is
 * dropped, and when one is missing the channel is read again, and told as a whole. On the context.
 */
final class Room implements Listening.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Room.class);

    /** How many changes wait for a read. */
    private static final int HELD = 256;

    /** How many bytes of members are told at the most. */
    private static final int LIST = 512 * 1024;

    /** A member of this node's. */
    static final class Mine {
        Member member;

        /** The fence under which it was joined; below 0 until it is known. */
        long fence = -1;

        /** Whether it is to leave, and that is not known to have happened. */
        boolean leaving;

        /** Whether its session was given to another node, which may not have joined yet. */
        boolean given;

        /** Until when it stays, when it was given. */
        long due;

        Mine(Member member) {
            this.member = member;
        }

        /** Tells whether Redis is to have it as this node's. */
        boolean present() {
            return fence >= 0 && !leaving && !given;
        }
    }

    /** One word about the channel. */
    private record Word(
            char kind,
            long version,
            int count,
            boolean flag,
            @Nullable Entrant about) {
        static Word decode(Buffer bytes) {
            byte[] all = bytes.getBytes();
            Entrant.Reader reader = new Entrant.Reader(all, 0);
            char kind = reader.word().charAt(0);
            long version = reader.number();
            int count = (int) reader.number();
            boolean flag = reader.number() == 1;
            String session = reader.text(reader.number());
            return new Word(kind, version, count, flag, kind == 'x' ? null : reader.entrant(session));
        }
    }

    final String channel;
    final Map<String, Mine> own = new LinkedHashMap<>();

    /** How many calls are under way that need it. */
    int calls;

    /** How many times more it is to be compared by name. */
    int audits;

    /** Sessions that Redis had as this node's when that was done last, and this node did not. */
    Set<String> strange = Set.of();

    /** Since when nobody needs it. */
    long idleSince;

    /** Completes when Redis tells this node of the channel, and knows that it has members there; null when that is to be done. */
    @Nullable
    Future<Void> ready;

    /** Whether Redis tells this node of the channel. */
    boolean hears;

    private final PresenceKeys keys;
    private final Lease lease;
    private final PresenceStore.Listener listener;
    private final java.util.function.Consumer<String> disowned;
    private final Deque<Word> held = new ArrayDeque<>();
    private long version = -1;
    private long suspect = -1;
    private int bytes = 16 * 1024;
    private boolean reading;
    private boolean again;
    private boolean stale;
    private boolean closed;

    Room(
            String channel,
            PresenceKeys keys,
            Lease lease,
            PresenceStore.Listener listener,
            java.util.function.Consumer<String> disowned) {
        this.channel = channel;
        this.keys = keys;
        this.lease = lease;
        this.listener = listener;
        this.disowned = disowned;
    }

    /** Lists of the channel that are told here have at least so many bytes. */
    void lists(int atLeast) {
        bytes = Math.max(bytes, Math.min(atLeast, LIST));
    }

    void close() {
        closed = true;
        held.clear();
    }

    @Override
    public void message(Buffer payload) {
        if (closed) {
            return;
        }
        try {
            arrived(Word.decode(payload));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.warn("Something that is no change of presence came over a channel's topic.");
        }
    }

    @Override
    public void restored() {
        if (version >= 0 || !own.isEmpty()) {
            refresh();
        }
    }

    private void arrived(Word word) {
        note(word);
        if (word.kind() == 'o') {
            return;
        }
        if (reading) {
            if (held.size() < HELD) {
                held.add(word);
            } else {
                again = true;
            }
        } else if (word.kind() == 'x') {
            if (word.version() > version) {
                refresh();
            }
        } else if (version < 0 || word.version() == version + 1) {
            version = word.version();
            tell(word);
        } else if (word.version() > version) {
            held.add(word);
            refresh();
        }
    }

    /** Keeps in mind what it means for this node's own members. */
    private void note(Word word) {
        Entrant about = word.about();
        if (about == null) {
            return;
        }
        String session = about.member().session();
        Mine mine = own.get(session);
        if (mine == null) {
            return;
        }
        if (word.kind() == 'p') {
            mine.member = about.member();
        } else if (word.kind() == 'o' && !about.node().equals(lease.self()) && about.fence() > mine.fence) {
            disowned.accept(session);
        }
    }

    private void tell(Word word) {
        Entrant about = word.about();
        if (about == null) {
            return;
        }
        Member member = about.member();
        switch (word.kind()) {
            case 'j' ->
                tell(
                        new ServerFrame.Join(channel, member, word.count(), word.version(), word.flag()),
                        member.session());
            case 'l' ->
                tell(
                        new ServerFrame.Leave(channel, member, word.count(), word.version(), word.flag()),
                        member.session());
            case 'p' -> tell(new ServerFrame.PresenceChange(channel, member, word.count(), word.version()), null);
            default -> LOG.warn("A change of presence has an unknown kind.");
        }
    }

    private void tell(ServerFrame frame, @Nullable String except) {
        try {
            listener.changed(channel, frame, except);
        } catch (RuntimeException e) {
            LOG.warn("The listener failed on a change of presence in channel {}", channel, e);
        }
    }

    /** Reads the channel and tells who is there: something was missed, or may have been. */
    private void refresh() {
        if (reading || closed) {
            again |= reading;
            return;
        }
        reading = true;
        again = false;
        stale = false;
        keys.read(channel, bytes).onComplete(result -> {
            reading = false;
            if (closed) {
                return;
            }
            if (result.failed()) {
                // Looked at again when Redis is back, and when channels are compared.
                stale = true;
                held.clear();
                return;
            }
            PresenceStore.Snapshot now = result.result();
            if (now.version() >= version) {
                version = now.version();
                tell(new ServerFrame.PresenceList(null, channel, now.members(), now.count(), now.version()), null);
            }
            boolean more = again;
            while (!held.isEmpty() && !reading) {
                arrived(held.remove());
            }
            if (more && !reading) {
                refresh();
            }
        });
    }

    /** Compares with how the channel is in Redis; one that is behind twice in a row has missed something. */
    void compare(long there) {
        if (closed || reading) {
            return;
        }
        if (stale || suspect >= 0 && version < suspect) {
            suspect = -1;
            refresh();
        } else {
            suspect = there > version ? there : -1;
        }
    }
}
