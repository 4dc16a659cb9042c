package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.spi.Broker;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Writes down what a node's broker tells. */
final class Ears implements Broker.Listener {
    final List<Integer> payloads = new CopyOnWriteArrayList<>();
    final List<GapReason> gaps = new CopyOnWriteArrayList<>();
    final List<@Nullable Position> positions = new CopyOnWriteArrayList<>();

    @Override
    public void message(String channel, ServerFrame.Message message, @Nullable String except) {
        payloads.add(message.payload().as(Integer.class));
    }

    @Override
    public void gap(String channel, GapReason reason, @Nullable Position position) {
        gaps.add(reason);
        positions.add(position);
    }
}
