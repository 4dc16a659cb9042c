package dev.polywire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FlameGraphTest {
    private static final String LOOP = "[vert.x-eventloop-thread-0 tid=7];java/lang/Thread.run;io/netty/EpollLoop.run;";

    private static String drawn(String... lines) {
        return new FlameGraph(List.of(lines), "a <run>").svg();
    }

    @Test
    void eachMethodIsABoxAsWideAsItsShareAndSaysSo() {
        String svg = drawn(LOOP + "dev/polywire/session/Outbox.offer 25", LOOP + "__send 75");
        assertThat(svg)
                .contains("<title>Outbox.offer: 25.0 %</title><rect class=\"polywire\"")
                .contains("<title>__send: 75.0 %</title><rect class=\"system\"")
                .contains("a &lt;run&gt;");
    }

    @Test
    void whatCallsEverythingIsLeftOutAndSoAreOtherThreads() {
        String svg = drawn(
                LOOP + "io/vertx/core/A.one 50",
                LOOP + "java/util/B.two 50",
                "[C2 CompilerThread0 tid=8];Compile::run 900");
        assertThat(svg).doesNotContain("Thread.run").doesNotContain("Compile::run");
        assertThat(svg).contains("<title>event loop: 100.0 %</title>", "<title>B.two: 50.0 %</title>");
    }

    @Test
    void nothingRecordedIsAnEmptyGraph() {
        assertThat(drawn("[main tid=1];x 4")).contains("event loop: 0.0 %");
    }
}
