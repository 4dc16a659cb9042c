package dev.polywire.channel;

import dev.polywire.conformance.PresenceStoreConformance;
import dev.polywire.spi.PresenceStore;

class MemoryPresenceTest extends PresenceStoreConformance {
    @Override
    protected PresenceStore create() {
        return new MemoryPresence();
    }
}
