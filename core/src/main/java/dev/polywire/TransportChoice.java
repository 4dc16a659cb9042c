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
    record Offer(List<String> transports, @Nullable Duration heartbeat) {
        /**
         * Makes an offer.
         *
         * @throws IllegalArgumentException for a heartbeat of less than a millisecond
         */
        public Offer {
            if (heartbeat != null && heartbeat.toMillis() < 1) {
                throw new IllegalArgumentException(
                        "The heartbeat of an offer must be at least a millisecond, or null for the general one, not "
                                + heartbeat + ".");
            }
        }
    }

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
