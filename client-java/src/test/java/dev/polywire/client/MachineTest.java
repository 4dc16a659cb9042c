package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The counters and queues of a session, by the rules of docs/protocol.md. */
class MachineTest {
    private final Machine machine = new Machine();
    private final Machine.Count count = new Machine.Count();

    @BeforeEach
    void open() {
        machine.welcome(count, fresh("s"));
    }

    private static JsonObject fresh(String session) {
        return new JsonObject()
                .put("session", session)
                .put("secret", "x")
                .put("resumed", false)
                .put("received", 0)
                .put("first", 1);
    }

    private static JsonObject resumed(long received, long first) {
        return new JsonObject()
                .put("session", "s")
                .put("resumed", true)
                .put("received", received)
                .put("first", first);
    }

    private Machine.Count attach(long received, long first) {
        Machine.Count next = new Machine.Count();
        machine.resume(next);
        assertThat(machine.welcome(next, resumed(received, first)).outcome()).isEqualTo(Machine.Outcome.RESUMED);
        return next;
    }

    private Machine.Entry push(int n) {
        return machine.push(new JsonObject().put("n", n));
    }

    private List<Object> sent(Machine.Count on) {
        List<Object> all = new ArrayList<>();
        String text;
        while ((text = machine.next(on)) != null) {
            all.add(new JsonObject(text).getValue("n", "noop"));
        }
        return all;
    }

    private List<Machine.Taken> take(Machine.Count on, int n) {
        return IntStream.range(0, n).mapToObj(i -> machine.take(on)).toList();
    }

    @Test
    @DisplayName("R6: a new session begins with nothing received and frame 1")
    void begins() {
        Machine other = new Machine();
        assertThat(other.resume(new Machine.Count())).isNull();
        other.push(new JsonObject().put("n", 1));
        Machine.Count first = new Machine.Count();
        assertThat(other.welcome(first, fresh("t")).outcome()).isEqualTo(Machine.Outcome.OPENED);
        assertThat(other.next(first)).isEqualTo("{\"n\":1}");
    }

    @Test
    @DisplayName("R10: every attach has a greater number, also after a failed one")
    void attaches() {
        assertThat(IntStream.range(0, 3)
                        .mapToObj(i -> machine.resume(new Machine.Count()).getLong("attach")))
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    @DisplayName("R12: a resume states both counts, goes on from received + 1 and drops what is accepted")
    void resumes() {
        IntStream.rangeClosed(1, 5).forEach(this::push);
        assertThat(sent(count)).containsExactly(1, 2, 3, 4, 5);
        take(count, 3);
        machine.accepted(2);
        Machine.Count next = new Machine.Count();
        assertThat(machine.resume(next))
                .isEqualTo(new JsonObject()
                        .put("session", "s")
                        .put("secret", "x")
                        .put("attach", 1L)
                        .put("received", 3L)
                        .put("confirmed", 2L));
        machine.welcome(next, resumed(4, 4));
        assertThat(sent(next)).containsExactly(5);
    }

    @Test
    @DisplayName("R12: lower and late counts are ignored, and higher ones than there are frames refused")
    void accepts() {
        IntStream.rangeClosed(1, 5).forEach(this::push);
        assertThat(machine.accepted(4)).isTrue();
        assertThat(machine.accepted(2)).isTrue();
        assertThat(machine.confirmed).isEqualTo(4);
        assertThat(machine.queued()).isEqualTo(1);
        assertThat(machine.accepted(6)).isFalse();
    }

    @Test
    @DisplayName("R21: repeats are dropped, and what comes after a hole is not handed over")
    void takes() {
        assertThat(take(count, 5)).containsOnly(Machine.Taken.NEW);
        Machine.Count again = attach(0, 4);
        assertThat(take(again, 3)).containsExactly(Machine.Taken.REPEAT, Machine.Taken.REPEAT, Machine.Taken.NEW);
        assertThat(machine.take(count)).as("the old wire's late frame").isEqualTo(Machine.Taken.REPEAT);
        again.next = 9;
        assertThat(machine.take(again)).isEqualTo(Machine.Taken.DRIFT);
        assertThat(machine.received).as("never adjusted").isEqualTo(6);
    }

    @Test
    @DisplayName(
            "R12: a first beyond what is missing, another session, or accepted frames that were never sent are broken")
    void broken() {
        for (JsonObject welcome :
                List.of(resumed(0, 2), resumed(0, 1).put("session", "t"), resumed(1, 1), resumed(0, 0))) {
            Machine.Count next = new Machine.Count();
            machine.resume(next);
            assertThat(machine.welcome(next, welcome).outcome())
                    .as(welcome.encode())
                    .isEqualTo(Machine.Outcome.BROKEN);
        }
    }

    @Test
    @DisplayName("R26: a POST repeats the same numbers until it is answered")
    void batches() {
        IntStream.rangeClosed(1, 3).forEach(this::push);
        Machine.Batch two = new Machine.Batch(1, List.of("{\"n\":1}", "{\"n\":2}"));
        assertThat(machine.batch(1000, 2)).isEqualTo(two);
        push(4);
        assertThat(machine.batch(1000, 2)).isEqualTo(two);
        machine.accepted(2);
        assertThat(machine.batch(8, 10)).isEqualTo(new Machine.Batch(3, List.of("{\"n\":3}")));
        assertThat(machine.batch(1, 10).texts()).as("one, however large").hasSize(1);
    }

    @Test
    @DisplayName("R27: the text of a number never changes, and one that was tried is withdrawn by a noop")
    void withdraws() {
        JsonObject frame = new JsonObject().put("n", 1);
        Machine.Entry one = machine.push(frame);
        frame.put("n", 2);
        assertThat(machine.next(count)).isEqualTo("{\"n\":1}");
        Machine.Entry two = push(2);
        push(3);
        machine.withdraw(two);
        machine.withdraw(one);
        assertThat(machine.batch(1000, 9).texts()).containsExactly("{\"type\":\"noop\"}", "{\"n\":3}");
    }

    @Test
    @DisplayName("R27: a frame that is too large leaves its number to a noop")
    void oversized() {
        push(1);
        Machine.Entry two = push(2);
        sent(count);
        machine.accepted(1);
        machine.oversize = true;
        assertThat(machine.oversized()).containsExactly(two);
        assertThat(machine.batch(1000, 9).texts()).containsExactly("{\"type\":\"noop\"}");
        machine.limit = 20;
        assertThatThrownBy(() -> machine.push(new JsonObject().put("text", "ä".repeat(10))))
                .hasMessageStartingWith("too_large");
        machine.push(new JsonObject().put("text", "a".repeat(5)));
    }

    @Test
    @DisplayName("a POST that was accepted after a WebSocket attached leaves placeholders on it")
    void placeholders() {
        IntStream.rangeClosed(1, 3).forEach(this::push);
        machine.batch(1000, 9);
        Machine.Count next = attach(0, 1);
        machine.accepted(2);
        assertThat(sent(next)).containsExactly("noop", "noop", 3);
        assertThat(next.sent).isEqualTo(3);
    }

    @Test
    @DisplayName("R17: after a lost session, what was tried and what never was are told apart")
    void resets() {
        push(1);
        Machine.Entry tried = push(2);
        Machine.Entry never = push(3);
        machine.next(count);
        machine.next(count);
        machine.accepted(1);
        machine.forget("expired");
        Machine.Count next = new Machine.Count();
        assertThat(machine.resume(next)).isNull();
        Machine.Welcomed result = machine.welcome(next, fresh("t"));
        assertThat(result)
                .isEqualTo(new Machine.Welcomed(Machine.Outcome.RESET, "expired", List.of(tried), List.of(never)));
        assertThat(machine.last()).isZero();
        assertThat(machine.resume(new Machine.Count()).getLong("attach")).isEqualTo(1);
    }
}
