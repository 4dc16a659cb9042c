package dev.polywire.session;

import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import java.util.List;

/** Cuts a part of a history to what one frame may carry. */
final class Slices {
    private Slices() {}

    static Broker.Slice within(Broker.Slice slice, int bytes) {
        int sum = 0;
        List<ServerFrame.Message> messages = slice.messages();
        for (int i = 0; i < messages.size(); i++) {
            sum += messages.get(i).payload().bytes().length + 256;
            if (sum > bytes && i > 0) {
                return new Broker.Slice(List.copyOf(messages.subList(0, i)), slice.top(), slice.complete(), true);
            }
        }
        return slice;
    }
}
