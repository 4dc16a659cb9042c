package dev.polywire.conformance;

import dev.polywire.spi.Cluster;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/**
 * What every transport has to pass where a server is two nodes behind a {@link RoundRobinProxy}: the same as with one node, for its clients must see no difference. It has every
 * group of {@link TransportConformance}, and {@link DrainRules} besides, which need another node to go to.
 */
public abstract class SeveralNodesConformance extends TransportKit {

    /** Creates the suite. */
    protected SeveralNodesConformance() {}

    /**
     * Begins a cluster without nodes.
     *
     * @return makes what each node of it joins; a new one for each server
     */
    @Override
    protected abstract Supplier<Cluster> cluster();

    @Nested
    @DisplayName("Opening")
    class Opening extends OpeningRules {
        Opening() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Authentication")
    class Authentication extends AuthenticationRules {
        Authentication() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Expiry")
    class Expiry extends ExpiryRules {
        Expiry() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Order")
    class Order extends OrderRules {
        Order() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Posts")
    class Posts extends PostRules {
        Posts() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Limits")
    class Limits extends LimitRules {
        Limits() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Limits of many sessions")
    class SharedLimits extends SharedLimitRules {
        SharedLimits() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Channels")
    class Channels extends ChannelRules {
        Channels() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Presence")
    class Presence extends PresenceRules {
        Presence() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Resume")
    class Resume extends ResumeRules {
        Resume() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Attaching")
    class Attaching extends AttachRules {
        Attaching() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Authorisation")
    class Authorisation extends AuthorisationRules {
        Authorisation() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Revocation")
    class Revocation extends RevocationRules {
        Revocation() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Slow consumer")
    class SlowConsumer extends SlowConsumerRules {
        SlowConsumer() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Hostile input")
    class HostileInput extends HostileInputRules {
        HostileInput() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Draining")
    class Draining extends DrainRules {
        Draining() {
            super(SeveralNodesConformance.this);
        }
    }

    @Nested
    @DisplayName("Closing")
    class Closing extends ClosingRules {
        Closing() {
            super(SeveralNodesConformance.this);
        }
    }
}
