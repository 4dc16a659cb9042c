package dev.polywire.session;

import dev.polywire.conformance.ClientMachine;
import dev.polywire.conformance.ClientMachine.Rule;
import dev.polywire.protocol.ClientFrame;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Machines with one of the rules of the design switched off, which the simulation must notice. */
enum Broken implements Simulation.Machines {
    /** The newest attach is the one that arrives last (hole 3, R10). */
    RULE_2_ATTACH_NUMBER_IGNORED {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                @Override
                Verdict check(ClientFrame.Resume claim) {
                    return super.check(renumbered(claim, Long.MAX_VALUE));
                }
            };
        }
    },
    /** A client uses one attach number for good, and the server takes an equal one (hole 3, R10). */
    RULE_2_EQUAL_NUMBERS_ACCEPTED {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                @Override
                Verdict check(ClientFrame.Resume claim) {
                    return super.check(renumbered(claim, claim.attach() + 1));
                }
            };
        }

        @Override
        public ClientMachine client() {
            return new ClientMachine(Set.of(Rule.R10));
        }
    },
    /** A commit does not compare again what was checked before the authorisation (hole 6). */
    RULE_3_COMMIT_DOES_NOT_COMPARE {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                private final Set<ClientFrame.Resume> checked = Collections.newSetFromMap(new IdentityHashMap<>());

                @Override
                Verdict check(ClientFrame.Resume claim) {
                    if (checked.contains(claim)) {
                        return Verdict.OK;
                    }
                    Verdict verdict = super.check(claim);
                    if (verdict == Verdict.OK) {
                        checked.add(claim);
                    }
                    return verdict;
                }
            };
        }
    },
    /** What comes from a retired wire is taken, and its close detaches the present one (hole 6). */
    RULE_4_RETIRED_WIRES_HEARD {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                @Override
                boolean current(Object candidate) {
                    return wire() != null;
                }

                @Override
                boolean detach(Object candidate) {
                    Object wire = wire();
                    return wire != null && super.detach(wire);
                }
            };
        }
    },
    /** As before, but closes are told apart: only frames of retired wires are taken. */
    RULE_4_RETIRED_FRAMES_TAKEN {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                @Override
                boolean current(Object candidate) {
                    return true;
                }
            };
        }
    },
    /** {@code welcome.first} follows what the client stated, whatever it has acknowledged since (hole 4, R12). */
    RULE_5_FIRST_IS_WHAT_THE_CLIENT_STATED {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                private long stated;

                @Override
                Verdict commit(Object next, ClientFrame.@Nullable Resume claim) {
                    stated = claim == null ? 0 : claim.received();
                    return super.commit(next, claim);
                }

                @Override
                long first() {
                    return stated + 1;
                }
            };
        }
    },
    /** A resume that states less than was acknowledged meanwhile is impossible (hole 4, R12). */
    RULE_5_BEHIND_IS_LOST {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                @Override
                Verdict check(ClientFrame.Resume claim) {
                    Verdict verdict = super.check(claim);
                    return verdict == Verdict.OK && claim.received() < outbox.acked() ? Verdict.LOST : verdict;
                }
            };
        }
    },
    /** {@code drop_oldest} drops also what has a number (hole 13, R20). */
    RULE_13_NUMBERED_FRAMES_DROPPED {
        @Override
        public Outbox outbox(int window, int limit, Function<String, @Nullable String> epochs) {
            return new ShiftingOutbox(window, limit, epochs, true);
        }

        @Override
        public boolean moves() {
            return false;
        }
    },
    /** An acknowledgement that comes during a replay lets it leave out what it names, though the wire's frames are numbered. */
    RULE_5_REPLAY_LEAVES_OUT_WHAT_WAS_ACKNOWLEDGED {
        @Override
        public Outbox outbox(int window, int limit, Function<String, @Nullable String> epochs) {
            return new Outbox(window, limit, Frames.CODEC, epochs, new Charge()) {
                @Override
                boolean acknowledge(long count) {
                    boolean known = super.acknowledge(count);
                    while (handed() < acked()) {
                        take();
                    }
                    return known;
                }
            };
        }
    },
    /** The client has one counter for all wires (hole 5, R21). */
    RULE_14_ONE_COUNTER_FOR_ALL_WIRES {
        @Override
        public ClientMachine client() {
            return new ClientMachine(Set.of(Rule.R21));
        }
    },
    /** On a new WebSocket the client goes on from what it wrote last (hole 19, R25). */
    RULE_20_UPSTREAM_GOES_ON_FROM_WHAT_WAS_WRITTEN {
        @Override
        public ClientMachine client() {
            return new ClientMachine(Set.of(Rule.R25));
        }
    },
    /** The server takes what it is sent, repeats too (hole 19, R25). */
    RULE_20_REPEATS_TAKEN {
        @Override
        public SessionMachine server(Outbox outbox) {
            return new SessionMachine(outbox) {
                @Override
                Arrival arrives(long number) {
                    return Arrival.NEXT;
                }
            };
        }
    },
    /** What was accepted and waits for its turn stays behind (hole 34). */
    RULE_37_INBOX_STAYS {
        @Override
        public boolean movesInbox() {
            return false;
        }
    },
    /** The next node begins to count the client's frames anew (hole 35). */
    RULE_37_UPSTREAM_COUNT_STAYS {
        @Override
        public SessionMachine.State moved(SessionMachine.State counters) {
            return new SessionMachine.State(counters.attach(), 0);
        }
    },
    /** What was sent and not acknowledged stays behind: it was sent, after all. */
    RULE_37_UNACKNOWLEDGED_FRAMES_STAY {
        @Override
        public Outbox.State moved(Outbox.State owed) {
            return new Outbox.State(owed.acked() + owed.sent().size(), List.of(), owed.pending());
        }
    },
    /** Gaps that were not written yet are no frames, and are left out. */
    RULE_37_GAPS_STAY {
        @Override
        public Outbox.State moved(Outbox.State owed) {
            return new Outbox.State(
                    owed.acked(),
                    owed.sent(),
                    owed.pending().stream()
                            .filter(place -> place.frame() != null)
                            .toList());
        }
    },
    /** A gap goes along, but not how much it stands for. */
    RULE_37_GAPS_LOSE_THEIR_COUNT {
        @Override
        public Outbox.State moved(Outbox.State owed) {
            return new Outbox.State(
                    owed.acked(),
                    owed.sent(),
                    owed.pending().stream()
                            .map(place -> new Pending.Place(place.frame(), place.channel(), place.newest(), 0, 0))
                            .toList());
        }
    };

    private static ClientFrame.Resume renumbered(ClientFrame.Resume claim, long attach) {
        return new ClientFrame.Resume(claim.session(), claim.secret(), attach, claim.received(), claim.confirmed());
    }
}
