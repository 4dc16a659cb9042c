package dev.polywire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ChartTest {
    private final List<Sample> samples = new ArrayList<>();

    private String drawn(String line) {
        Settings settings = Settings.parse(line.split(" "));
        for (Contender contender : settings.contenders) {
            for (Load load : settings.loads()) {
                Sample sample = new Sample(contender, load, 1)
                        .put("cpu", 10)
                        .put("p99", 5)
                        .put("resident each", 20);
                if (contender.peer() == Peer.POLYWIRE) {
                    sample.put("heap", 8);
                }
                samples.add(sample);
            }
        }
        return new Chart(new Table(samples), settings).svg();
    }

    private static long count(String pattern, String in) {
        return Pattern.compile(pattern).matcher(in).results().count();
    }

    @Test
    void eachServerHasOneLineThroughAllNumbersOfSubscribers() {
        String svg = drawn("fanout --peer polywire,c --subscribers 1000,100,10 --rate 20");
        assertThat(count("<polyline", svg)).isEqualTo(2);
        assertThat(count("<circle", svg)).isEqualTo(6);
        assertThat(svg).contains(">10</text>", ">1,000</text>", ">subscribers</text>", ">Polywire</text>");
    }

    @Test
    void whereBothVaryThereIsAPanelForEachRate() {
        String svg = drawn("fanout --peer polywire,polywire/sse --subscribers 10,100 --rate 20,50");
        assertThat(count("<polyline", svg)).isEqualTo(4);
        assertThat(svg).contains("at 20 publishes", "at 50 publishes", ">Polywire, SSE</text>");
    }

    @Test
    void deliveriesMakeOnePanelAlthoughTheRatesDiffer() {
        String svg = drawn("fanout --peer polywire --subscribers 10,100 --deliveries 1000");
        assertThat(count("<polyline", svg)).isEqualTo(1);
        assertThat(count("<circle", svg)).isEqualTo(2);
    }

    @Test
    void memoryIsDrawnAgainstConnectionsAndWhoHasNoHeapByWhatIsResident() {
        String svg = drawn("idle --peer polywire,c --subscribers 100,1000");
        assertThat(svg).contains(">connections</text>", ">C, one send per message (resident)</text>");
        assertThat(svg).contains("<title>Polywire: 8</title>", "(resident): 20</title>");
    }

    @Test
    void namesKeepApartAndStayBetweenTheEnds() {
        assertThat(Chart.spread(new double[] {50, 51, 90}, 20, 0, 200)).containsExactly(50, 70, 90);
        assertThat(Chart.spread(new double[] {195, 196, 199}, 20, 0, 200)).containsExactly(160, 180, 200);
    }

    @Test
    void anAxisIsLogarithmicWhereValuesLieFarApart() {
        assertThat(Axis.of(DoubleStream.of(3, 50)).ticks()).containsExactly(0.0, 15.0, 30.0, 45.0, 60.0);
        Axis axis = Axis.of(DoubleStream.of(3, Double.NaN, 450));
        assertThat(axis.ticks()).containsExactly(2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0);
        assertThat(axis.share(2)).isZero();
        assertThat(axis.share(500)).isEqualTo(1);
    }

    @Test
    void aLabelHasNoDigitsThatSayNothing() {
        assertThat(List.of(Axis.label(0.04), Axis.label(2.5), Axis.label(1600), Axis.label(2_500_000)))
                .containsExactly("0.04", "2.5", "1,600", "2.5 M");
        assertThat(Axis.label(20_000_000)).isEqualTo("20 M");
        assertThat(Axis.label(200_000_000)).isEqualTo("200 M");
    }
}
