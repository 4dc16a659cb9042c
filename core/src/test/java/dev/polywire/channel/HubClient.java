package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A subscriber that checks what every client may rely on: after its position, each message, once, in order, unless it is told. */
final class HubClient implements Subscriber {
    final String id;
    private final VirtualLoops.VirtualLoop loop;
    private final String channel;

    @Nullable
    Subscription subscription;

    @Nullable
    Position position;

    ChannelHub.@Nullable Joined joined;

    @Nullable
    Throwable failure;

    boolean busy;
    boolean opened;
    int gaps;
    long version;
    final List<ServerFrame> frames = new ArrayList<>();
    final List<ServerFrame.Message> messages = new ArrayList<>();

    HubClient(String id, VirtualLoops.VirtualLoop loop, String channel) {
        this.id = id;
        this.loop = loop;
        this.channel = channel;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    /** Subscribes, and opens at some later time. */
    void subscribe(ChannelHub hub, @Nullable Position since, Supplier<Future<@Nullable Object>> admit) {
        busy = true;
        failure = null;
        ServerFrame.Member member = new ServerFrame.Member(id, null, Payload.of("online"), 0);
        loop.execute(() -> hub.subscribe(this, channel, since, member, admit).onComplete(result -> {
            assertTrue(loop.inLoop(), "The subscriber's loop completes it.");
            if (result.failed()) {
                busy = false;
                failure = result.cause();
                return;
            }
            begin(since, result.result());
            loop.execute(() -> {
                opened = true;
                hub.open(result.result().subscription());
                busy = false;
            });
        }));
    }

    private void begin(@Nullable Position since, ChannelHub.Joined with) {
        joined = with;
        subscription = with.subscription();
        if (since == null) {
            assertNull(with.recovered());
            assertEquals(List.of(), with.missed());
        } else if (Boolean.TRUE.equals(with.recovered())) {
            assertEquals(since, with.position());
        } else {
            assertEquals(Boolean.FALSE, with.recovered());
            assertEquals(List.of(), with.missed());
        }
        position = with.position();
        if (with.presence() != null) {
            version = with.presence().version();
        }
        for (Encoded frame : with.missed()) {
            take(frame.frame());
        }
    }

    @Override
    public void deliver(Subscription by, Encoded frame) {
        assertTrue(loop.inLoop(), "Frames come on the subscriber's loop.");
        assertEquals(subscription, by, "Nothing comes by a subscription that is over or not yet told.");
        assertTrue(opened, "Nothing comes before the opening.");
        take(frame.frame());
    }

    private void take(ServerFrame frame) {
        frames.add(frame);
        if (frame instanceof ServerFrame.Message message) {
            messages.add(message);
            if (message.offset() > 0) {
                Position before = position;
                assertNotNull(before, "A stored message needs a position to follow.");
                assertEquals(
                        before.offset() + 1,
                        message.offset(),
                        "Messages follow without gap or repeat; " + joined
                                + frames.subList(Math.max(0, frames.size() - 12), frames.size()));
                position = new Position(before.epoch(), message.offset());
            }
        } else if (frame instanceof ServerFrame.Gap gap) {
            gaps++;
            if (gap.position() != null) {
                Position before = position;
                assertFalse(
                        before != null
                                && before.epoch().equals(gap.position().epoch())
                                && before.offset() > gap.position().offset(),
                        "A gap never leads back.");
                position = gap.position();
            }
        } else if (frame instanceof ServerFrame.PresenceList list) {
            version = list.version();
        } else if (frame instanceof ServerFrame.Join join) {
            change(join.version());
        } else if (frame instanceof ServerFrame.Leave leave) {
            change(leave.version());
        } else if (frame instanceof ServerFrame.PresenceChange change) {
            change(change.version());
        }
    }

    private void change(long to) {
        assertEquals(
                version + 1,
                to,
                "Versions follow each other. " + frames.subList(Math.max(0, frames.size() - 12), frames.size()));
        version = to;
    }

    void unsubscribe(ChannelHub hub) {
        Subscription current = subscription;
        if (current == null) {
            return;
        }
        busy = true;
        loop.execute(() -> {
            subscription = null;
            opened = false;
            hub.unsubscribe(current).onComplete(done -> busy = false);
        });
    }
}
