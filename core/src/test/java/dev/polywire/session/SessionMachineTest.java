package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.session.SessionMachine.Arrival;
import dev.polywire.session.SessionMachine.Verdict;
import org.junit.jupiter.api.Test;

/** The rules of attaching and counting, one at a time. */
class SessionMachineTest {
    private final Outbox outbox = new Outbox(10_000, 20_000, Frames.CODEC, channel -> null, new Charge());
    private final SessionMachine machine = new SessionMachine(outbox);

    private static ClientFrame.Resume claim(long attach, long received, long confirmed) {
        return new ClientFrame.Resume("s", "k", attach, received, confirmed);
    }

    private void send(int frames) {
        for (int i = 0; i < frames; i++) {
            outbox.offer(Frames.direct(i, 100));
            outbox.take();
        }
    }

    @Test
    void aNewSessionBeginsAtZeroAndOne() {
        assertThat(machine.commit("a", null)).isEqualTo(Verdict.OK);
        assertThat(machine.received()).isZero();
        assertThat(machine.first()).isEqualTo(1);
        assertThat(machine.current("a")).isTrue();
        assertThat(machine.wire()).isEqualTo("a");
    }

    @Test
    void checkingChangesNothing() {
        machine.commit("a", null);
        send(3);
        assertThat(machine.check(claim(1, 3, 0))).isEqualTo(Verdict.OK);
        assertThat(machine.check(claim(1, 9, 0))).isEqualTo(Verdict.LOST);
        assertThat(machine.current("a")).isTrue();
        assertThat(outbox.acked()).isZero();
        assertThat(machine.check(claim(1, 0, 0))).isEqualTo(Verdict.OK);
    }

    @Test
    void anAttachNumberIsGreaterThanTheLastCommitted() {
        machine.commit("a", null);
        assertThat(machine.check(claim(0, 0, 0))).isEqualTo(Verdict.STALE);
        assertThat(machine.commit("b", claim(5, 0, 0))).isEqualTo(Verdict.OK);
        for (long attach = 0; attach <= 5; attach++) {
            assertThat(machine.commit("c", claim(attach, 0, 0))).isEqualTo(Verdict.STALE);
        }
        assertThat(machine.current("b")).isTrue();
        assertThat(machine.commit("c", claim(6, 0, 0))).isEqualTo(Verdict.OK);
        assertThat(machine.current("b")).isFalse();
    }

    @Test
    void aRefusedAttachChangesNothing() {
        machine.commit("a", null);
        send(3);
        assertThat(machine.commit("b", claim(1, 4, 0))).isEqualTo(Verdict.LOST);
        assertThat(machine.commit("b", claim(1, 0, 1))).isEqualTo(Verdict.LOST);
        assertThat(machine.current("a")).isTrue();
        assertThat(outbox.handed()).isEqualTo(3);
        assertThat(machine.commit("b", claim(1, 3, 0)))
                .as("number 1 is still free")
                .isEqualTo(Verdict.OK);
    }

    @Test
    void replayBeginsAfterTheHigherOfTheTwoCounts() {
        machine.commit("a", null);
        send(5);
        outbox.acknowledge(4);
        machine.commit("b", claim(1, 2, 0));
        assertThat(machine.first()).isEqualTo(5);
        send(1);
        machine.commit("c", claim(2, 5, 0));
        assertThat(machine.first()).isEqualTo(6);
    }

    @Test
    void framesOnAWireAreNumberedFromItsWelcome() {
        machine.commit("a", null);
        for (int i = 1; i <= 3; i++) {
            assertThat(machine.arrivesOnWire()).isEqualTo(Arrival.NEXT);
            machine.passedOnWire();
            assertThat(machine.accept()).isEqualTo(i);
        }
        machine.commit("b", claim(1, 0, 1));
        assertThat(machine.countedOnWire()).isEqualTo(3);
        // A late POST brings 4 first: on the wire it is a repeat then, and 5 is the next.
        assertThat(machine.arrives(4)).isEqualTo(Arrival.NEXT);
        machine.accept();
        assertThat(machine.arrivesOnWire()).isEqualTo(Arrival.REPEAT);
        machine.passedOnWire();
        assertThat(machine.arrivesOnWire()).isEqualTo(Arrival.NEXT);
    }

    @Test
    void numberedFramesAreRepeatsNextOrAhead() {
        machine.commit("a", null);
        machine.accept();
        assertThat(machine.arrives(1)).isEqualTo(Arrival.REPEAT);
        assertThat(machine.arrives(2)).isEqualTo(Arrival.NEXT);
        assertThat(machine.arrives(3)).isEqualTo(Arrival.AHEAD);
    }

    @Test
    void onlyThePresentWireCanLetGo() {
        machine.commit("a", null);
        machine.commit("b", claim(1, 0, 0));
        assertThat(machine.detach("a")).isFalse();
        assertThat(machine.current("b")).isTrue();
        assertThat(machine.detach("b")).isTrue();
        assertThat(machine.detach("b")).isFalse();
        assertThat(machine.wire()).isNull();
        assertThat(machine.current("b")).isFalse();
    }
}
