package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A plain outbox, whose {@code drop_oldest} may drop also what has a number, so that every later number shifts (hole 13). When
 * it may not, it keeps all promises: which shows that it is this rule that the simulation misses.
 */
final class ShiftingOutbox extends Outbox {
    private static final int GAP_SIZE = 104;

    private final int window;
    private final int limit;
    private final boolean shifting;
    private final List<Encoded> frames = new ArrayList<>();
    private long acked;
    /** How many of the frames kept were handed to the present connection. */
    private int handed;
    /** How many of them were handed to any. */
    private int numbered;
    /** The highest acknowledgement: what a replay has not passed yet is let go of when the next begins. */
    private long due;

    ShiftingOutbox(int window, int limit, Function<String, @Nullable String> epochs, boolean shifting) {
        super(window, limit, Frames.CODEC, epochs, new Charge());
        this.window = window;
        this.limit = limit;
        this.shifting = shifting;
    }

    @Override
    Offer offer(Encoded frame) {
        if (bytes() + frame.size() > limit) {
            return Offer.FULL;
        }
        frames.add(frame);
        return Offer.QUEUED;
    }

    @Override
    Offer offer(Encoded frame, String channel, SlowConsumerPolicy policy) {
        if (policy != SlowConsumerPolicy.DROP_OLDEST || bytes() + frame.size() <= limit) {
            return offer(frame);
        }
        int place = -1;
        long dropped = 0;
        long last = 0;
        for (int i = shifting ? 0 : numbered; i < frames.size() && bytes() + frame.size() + GAP_SIZE > limit; i++) {
            if (frames.get(i).frame() instanceof ServerFrame.Message old && channel.equals(old.channel())) {
                place = place < 0 ? i : place;
                dropped++;
                last = old.offset();
                remove(i--);
            }
        }
        if (place >= 0) {
            Position position = new Position("e", last);
            frames.add(
                    place,
                    Frames.encoded(new ServerFrame.Gap(channel, ServerFrame.GapReason.OVERFLOW, position, dropped)));
            handed += handed > place ? 1 : 0;
            numbered += numbered > place ? 1 : 0;
        }
        return offer(frame);
    }

    private void remove(int index) {
        frames.remove(index);
        handed -= handed > index ? 1 : 0;
        numbered -= numbered > index ? 1 : 0;
    }

    @Override
    @Nullable
    Encoded take() {
        if (!ready()) {
            return null;
        }
        Encoded next = frames.get(handed++);
        numbered = Math.max(numbered, handed);
        return next;
    }

    @Override
    boolean ready() {
        return handed < numbered
                || (handed < frames.size()
                        && (numbered == 0
                                || bytesOnTheWay() + frames.get(handed).size() <= window));
    }

    @Override
    boolean acknowledge(long count) {
        if (count > lastNumbered()) {
            return false;
        }
        due = Math.max(due, count);
        for (; acked < due && handed > 0; acked++) {
            remove(0);
        }
        return true;
    }

    @Override
    void rewind() {
        for (; acked < due; acked++) {
            remove(0);
        }
        handed = 0;
    }

    @Override
    void deny(String channel) {
        for (int i = frames.size() - 1; i >= 0; i--) {
            ServerFrame frame = frames.get(i).frame();
            boolean own = frame instanceof ServerFrame.Message message
                    ? channel.equals(message.channel())
                    : frame instanceof ServerFrame.Gap gap && channel.equals(gap.channel());
            if (own && i < numbered) {
                frames.set(i, Frames.encoded(Denial.gap(channel)));
            } else if (own) {
                frames.remove(i);
            }
        }
    }

    @Override
    long handed() {
        return acked + handed;
    }

    @Override
    long acked() {
        return Math.max(acked, due);
    }

    @Override
    long lastNumbered() {
        return acked + numbered;
    }

    @Override
    long total() {
        return acked + frames.size();
    }

    @Override
    int bytes() {
        return frames.stream().mapToInt(Encoded::size).sum();
    }

    @Override
    int bytesOnTheWay() {
        return frames.subList(0, numbered).stream().mapToInt(Encoded::size).sum();
    }
}
