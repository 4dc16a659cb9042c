package dev.polywire;

import dev.polywire.protocol.Payload;
import dev.polywire.spi.Handshake;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which transports a client is offered, in which order and with which heartbeat. Called on event loops, so it must not block. */
@FunctionalInterface
public interface TransportChoice {

    /**
     * What a client is offered.
     *
     * @param transports names, best first; a client on another one is refused with {@code not_offered}, and tries the next
     * @param heartbeat overrides the general one, which is also the longest wait of a poll; null leaves it
     */
    record Offer(List<String> transports, @Nullable Duration heartbeat) {}

    /**
     * Decides for one client.
     *
     * @param who the request
     * @param capabilities what the client said of itself in {@code hello}; {@link Payload#NULL} when it said nothing
     * @param general what the options offer
     * @return the offer
     */
    Offer choose(Handshake who, Payload capabilities, List<String> general);
}
