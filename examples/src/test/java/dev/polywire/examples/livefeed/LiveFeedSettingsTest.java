package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.examples.livefeed.LiveFeedSettings.From;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiveFeedSettingsTest {

    @Test
    void withoutArgumentsItIsThisMachineOnLoopback() {
        assertThat(LiveFeedSettings.parse())
                .isEqualTo(new LiveFeedSettings("127.0.0.1", 8080, From.MACHINE, null, 4, 1));
    }

    @Test
    void everythingCanBeSaid(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("feed.log"), "one\n");

        assertThat(LiveFeedSettings.parse(
                        "--host", "0.0.0.0", "--port", "0", "--source", file.toString(), "--rate", "25"))
                .isEqualTo(new LiveFeedSettings("0.0.0.0", 0, From.FILE, file, 25, 1));
        assertThat(LiveFeedSettings.parse("--port=9000", "--source=-"))
                .isEqualTo(new LiveFeedSettings("127.0.0.1", 9000, From.STDIN, null, 1000, 1));
        assertThat(LiveFeedSettings.parse("--source", file.toString()).rate()).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --prot 80            | There is no argument --prot; there are --port, --host, --source, --rate, --nodes, --help.
            feed.log             | There is no argument feed.log; there are --port, --host, --source, --rate, --nodes, --help.
            --port               | --port needs a value, for example --port 8080.
            --port --rate 4      | --port needs a value, for example --port 8080.
            --host=              | --host needs a value, for example --host 127.0.0.1.
            --port eighty        | --port must be a whole number from 0 to 65535, not eighty.
            --port 70000         | --port must be a whole number from 0 to 65535, not 70000.
            --rate 0             | --rate must be a whole number from 1 to 20 samples a second, not 0.
            --rate 1000          | --rate must be a whole number from 1 to 20 samples a second, not 1000.
            --source - --rate 2k | --rate must be a whole number from 1 to 1000 lines a second, not 2k.
            --source /nowhere    | --source must be - for standard input or a file that can be read; /nowhere does not exist.
            --source /           | --source must be - for standard input or a file that can be read; / is a directory.
            """)
    void whatCannotBeIsRefusedWithWhatWouldBeRight(String arguments, String sentence) {
        assertThatThrownBy(() -> LiveFeedSettings.parse(arguments.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence);
    }

    @Test
    void helpIsRecognisedAnywhere() {
        assertThat(LiveFeedSettings.wantsHelp("--port", "80", "--help")).isTrue();
        assertThat(LiveFeedSettings.wantsHelp("--port", "80")).isFalse();
    }

    @Test
    void theGreetingTellsWhereToLook() {
        LiveFeedSettings loopback = LiveFeedSettings.parse();
        assertThat(LiveFeedMain.greeting(loopback, 8080, "metrics"))
                .contains("open http://localhost:8080\n")
                .contains("curl -N 'http://localhost:8080/realtime/sse?channel=metrics'")
                .contains("curl 'http://localhost:8080/realtime/poll?channel=metrics'")
                .doesNotContain("Whoever");
        assertThat(LiveFeedMain.greeting(LiveFeedSettings.parse("--host", "0.0.0.0"), 80, "lines"))
                .contains("Whoever reaches this machine on port 80 can see the feed.");
    }
}
