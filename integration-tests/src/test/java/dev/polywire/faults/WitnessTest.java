package dev.polywire.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.client.Position;
import dev.polywire.faults.Witness.Label;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The Java crowd's witness can say no. */
class WitnessTest {
    private final Witness witness = new Witness();

    private static Position at(long offset) {
        return new Position("e", offset);
    }

    private static Label label(int n) {
        return new Label("p", n);
    }

    private void message(int n) {
        witness.message(label(n).payload(), at(n));
    }

    @Test
    @DisplayName("what comes twice, out of order or without a place is told")
    void wrong() {
        message(1);
        message(3);
        message(2);
        message(3);
        witness.message(new Label("q", 1).payload(), null);
        assertThat(witness.wrong()).hasSize(3);
        assertThat(witness.wrong().get(0)).startsWith("reordered");
        assertThat(witness.wrong().get(1)).startsWith("repeated");
        assertThat(witness.received()).isEqualTo(4);
    }

    @Test
    @DisplayName("what is missing is lost, unless a gap stands where it ought to be")
    void lost() {
        message(1);
        message(3);
        witness.gap();
        message(6);
        assertThat(witness.lacks(label(3), at(3))).isFalse();
        assertThat(witness.lacks(label(2), at(2))).as("no gap stands there").isTrue();
        assertThat(witness.lacks(label(5), at(5))).as("told").isFalse();
        assertThat(witness.lacks(label(7), at(7))).as("not there yet").isTrue();
        witness.gap();
        assertThat(witness.lacks(label(7), at(7))).isFalse();
    }
}
