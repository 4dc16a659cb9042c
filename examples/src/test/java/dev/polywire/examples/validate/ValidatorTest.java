package dev.polywire.examples.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The validator says where, what, and which rule. */
class ValidatorTest {
    private static final String NONCE = "\"client\":\"0123456789abcdef\"";
    private static final String HELLO = "> {\"type\":\"hello\",\"versions\":[1]," + NONCE + "}\n";
    private static final String WELCOME = """
            < {"type":"welcome","version":1,"session":"s-1","secret":"z9","user":null,"resumed":false,"received":0,"first":1,\
            "heartbeat":25000,"grace":60000,"transports":["websocket"],\
            "limits":{"frame":65536,"post":1048576,"window":262144,"outbox":1048576,"channels":100}}
            """;
    private static final String TALK = HELLO + WELCOME + """
            > {"type":"subscribe","id":"1","channels":["chat:42"]}
            < {"type":"subscribed","id":"1","channel":"chat:42"}
            < {"type":"received","count":1}
            < {"type":"ping","count":1}
            > {"type":"pong","count":1}
            > {"type":"received","count":1}
            > {"type":"bye","sent":1}
            < {"type":"bye","code":1000,"reason":"normal","reconnect":"none","sent":1}
            """;

    private final Validator validator = new Validator();

    @Test
    @DisplayName("a conversation that keeps the rules is fine")
    void fine() {
        assertThat(check(TALK, null)).isEqualTo("f: 10 frames, all as protocol 1 has them, in this order, too.\n");
    }

    @ParameterizedTest
    @DisplayName("each rule of order and counting is told by its number, with the line")
    @CsvSource(delimiter = '|', quoteCharacter = '#', textBlock = """
            R7  | 2 | > {"type":"hello","versions":[1]}                                  | > {"type":"noop"}
            R7  | 1 | > {"type":"received","count":0}                                    | > {"type":"hello","versions":[1]}
            R6  | 2 | > {"type":"hello","versions":[1]}                                  | < {"type":"noop"}
            R6  | 1 | < {"type":"welcome","version":1,"session":"s","resumed":true,"received":0,"first":1,"heartbeat":9} | > {"type":"hello","versions":[1]}
            """)
    void opening(String rule, int line, String first, String second) {
        assertThat(check(first + "\n" + second + "\n", null)).contains("f:" + line + ": ", "(rule " + rule + ")");
    }

    @ParameterizedTest
    @DisplayName("a count that is not what was sent is told by the rule that it breaks")
    @CsvSource(delimiter = '|', quoteCharacter = '#', textBlock = """
            R22 | > {"type":"received","count":1}  | > {"type":"received","count":2}
            R22 | < {"type":"received","count":1}  | < {"type":"received","count":9}
            R21 | < {"type":"ping","count":1}      | < {"type":"ping","count":0}
            R39 | > {"type":"pong","count":1}      | > {"type":"pong","count":2}
            R40 | > {"type":"bye","sent":1}        | > {"type":"bye","sent":0}
            """)
    void counts(String rule, String good, String bad) {
        assertThat(TALK).contains(good);
        assertThat(check(TALK.replace(good, bad), null))
                .contains("(rule " + rule + ")", "\n" + rule + ": ", "1 of which breaks a rule");
    }

    @Test
    @DisplayName("a resume is compared with its welcome")
    void resume() {
        String hello = "> {\"type\":\"hello\",\"versions\":[1]," + NONCE
                + ",\"resume\":{\"session\":\"s\",\"secret\":\"z\",\"attach\":1,\"received\":40,\"confirmed\":7}}\n";
        String welcome =
                "< {\"type\":\"welcome\",\"version\":1,\"session\":\"s\",\"resumed\":true,\"received\":7,\"first\":41,\"heartbeat\":25000}\n";
        assertThat(check(hello + welcome, null)).contains("all as protocol 1 has them");
        assertThat(check(hello + welcome.replace("41", "40"), null)).contains("rule R12");
        assertThat(check(HELLO + welcome, null)).contains("rule R12");
    }

    @Test
    @DisplayName("a frame that is wrong by itself is told with its line, its member and its rule or section")
    void alone() {
        String text = check("""
                # a comment
                {"type":"publish","payload":1}
                {"type":"hello","versions":[1],"client":"short"}

                {"type":"publsh","channel":"a","payload":1}
                {"type":"subscribe","id":"1","channels":["a b"]}
                {"type":"received","count":1e3}
                {"type":"noop","type":"noop"}
                not json
                """, Direction.CLIENT);
        assertThat(text)
                .contains(
                        "f:2: {\"type\":\"publish\",\"payload\":1}\n    client publish: `channel` is missing (section 1.1)\n")
                .contains(
                        "f:3: ",
                        "client hello: `client` ",
                        "(rule R4)\n",
                        "\nR4: The client chooses an *instance nonce*")
                .contains("f:5: ", "no frame from the client has the type `publsh` (rule R2)")
                .contains("f:6: ", "client subscribe: `channels/0` holds a space or a control character (section 1)")
                .contains("f:7: ", "client received: `count` must be a whole number from 0 to 2^53-1 (section 1.3)")
                .contains("f:8: ", "client noop: `type` appears twice (section 1.3)")
                .contains("f:9: not json\n    frame: is not well-formed JSON")
                .endsWith("f: 7 frames, 7 of which break a rule.\n");
    }

    @Test
    @DisplayName("what has the wrong type is told for that alone")
    void wrongType() {
        assertThat(check("{\"type\":\"publish\",\"channel\":1,\"payload\":1}\n", Direction.CLIENT))
                .contains("`channel` integer found, string expected")
                .doesNotContain("control character");
    }

    @Test
    @DisplayName(
            "an array and a frame over several lines are read, too, and either side's frames where nobody says whose they are")
    void forms() {
        assertThat(check("[{\"type\":\"noop\"},{\"type\":\"join\"}]", null))
                .contains("f:[1]: ", "server join: `channel` is missing", "2 frames, 1 of which breaks a rule");
        assertThat(check("{\n  \"type\": \"gap\",\n  \"channel\": \"a\",\n  \"reason\": \"epoch\"\n}\n", null))
                .isEqualTo("f: 1 frame, all as protocol 1 has them.\n");
        assertThat(check("{\"type\":\"gap\",\"channel\":\"a\",\"reason\":\"mood\"}", null))
                .contains("server gap: `reason` ", "section 1.2");
        assertThat(check("{\"type\":\"gap\",\"channel\":\"a\",\"reason\":\"epoch\"}", Direction.CLIENT))
                .contains("rule R2");
    }

    private String check(String file, @Nullable Direction from) {
        return validator.check("f", file.getBytes(StandardCharsets.UTF_8), from).text();
    }
}
