package dev.polywire.examples.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoSettingsTest {
    @Test
    void everythingCanBeSaid() {
        assertThat(DemoSettings.parse()).isEqualTo(new DemoSettings("127.0.0.1", 8080, null));
        assertThat(DemoSettings.parse("--port=0", "--host", "0.0.0.0", "--redis", "redis://:secret@127.0.0.1:6379"))
                .isEqualTo(new DemoSettings("0.0.0.0", 0, "redis://:secret@127.0.0.1:6379"));
        assertThat(DemoSettings.parse("--redis", "redis://:secret@127.0.0.1").toString())
                .doesNotContain("secret");
        assertThat(DemoSettings.wantsHelp("--port", "80", "--help")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --prot 80      | There is no argument --prot; there are --port, --host, --redis, --help.
        --port         | --port needs a value, for example --port 8080.
        --port --host  | --port needs a value, for example --port 8080.
        --port 70000   | --port must be a whole number from 0 to 65535, not 70000.
        --redis        | --redis needs a value, for example --redis redis://127.0.0.1:6379.
        --redis secret | --redis must be an address that begins with redis:// or rediss://, for example --redis redis://127.0.0.1:6379.
        """)
    void whatCannotBeIsRefusedWithWhatWouldBeRight(String arguments, String sentence) {
        assertThatThrownBy(() -> DemoSettings.parse(arguments.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sentence);
    }

    @Test
    void aDemoThatKeepsNothingInRedisIsNotToldOfOne() {
        DemoProgram board = new DemoProgram("board", "Board", "A board.", "It is kept by its pages.");
        assertThatThrownBy(() -> board.settings("--redis", "redis://127.0.0.1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no --redis here. It is kept by its pages.");
        assertThat(board.settings("--port", "0").port()).isZero();
        assertThat(DemoSettings.help("board", "A board.", false))
                .contains("--host")
                .doesNotContain("--redis");
        assertThat(DemoSettings.help("chat", "A chat.", true)).contains("[--redis URL]", "  --redis URL ");
    }

    @Test
    void namesAreMadeIdsInOneWay() {
        assertThat(SignIn.id(" Ada ")).isEqualTo("ada");
        assertThat(SignIn.id("Ａda")).as("wide letters").isEqualTo("ada");
        assertThat(SignIn.id("Zoë-2")).isEqualTo("zoë-2");
        for (String bad :
                new String[] {"", " ", "a b", "-a", "a:b", "a/b", "<b>", "a".repeat(25), "a\u0000", "a\u202eb"}) {
            assertThat(SignIn.id(bad)).as(bad).isNull();
        }
        assertThat(SignIn.id(null)).isNull();
    }
}
