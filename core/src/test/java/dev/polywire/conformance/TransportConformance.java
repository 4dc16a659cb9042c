package dev.polywire.conformance;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/**
 * What every transport has to pass. Extend it, say which transport and how a client drives it, and run it with JUnit.
 *
 * <p>Each test names the rule of {@code docs/protocol.md} that it proves. Rules that only some wires have
 * are {@link RuleTest}s, of which there are none on the others. Tests that cut connections at random print their seed when they fail.
 */
public abstract class TransportConformance extends TransportKit {

    /** Creates the suite. */
    protected TransportConformance() {}

    @Nested
    @DisplayName("Opening")
    class Opening extends OpeningRules {
        Opening() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Authentication")
    class Authentication extends AuthenticationRules {
        Authentication() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Expiry")
    class Expiry extends ExpiryRules {
        Expiry() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Order")
    class Order extends OrderRules {
        Order() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Posts")
    class Posts extends PostRules {
        Posts() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Limits")
    class Limits extends LimitRules {
        Limits() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Limits of many sessions")
    class SharedLimits extends SharedLimitRules {
        SharedLimits() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Channels")
    class Channels extends ChannelRules {
        Channels() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Presence")
    class Presence extends PresenceRules {
        Presence() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Resume")
    class Resume extends ResumeRules {
        Resume() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Attaching")
    class Attaching extends AttachRules {
        Attaching() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Authorisation")
    class Authorisation extends AuthorisationRules {
        Authorisation() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Revocation")
    class Revocation extends RevocationRules {
        Revocation() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Slow consumer")
    class SlowConsumer extends SlowConsumerRules {
        SlowConsumer() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Hostile input")
    class HostileInput extends HostileInputRules {
        HostileInput() {
            super(TransportConformance.this);
        }
    }

    @Nested
    @DisplayName("Closing")
    class Closing extends ClosingRules {
        Closing() {
            super(TransportConformance.this);
        }
    }
}
