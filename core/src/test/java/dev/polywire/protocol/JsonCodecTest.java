package dev.polywire.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What golden files cannot say, or not as shortly. */
class JsonCodecTest {
    private final JsonCodec codec = new JsonCodec(1024, 8);

    private ProtocolException refusal(String frame) {
        return catchThrowableOfType(ProtocolException.class, () -> codec.decode(Buffer.buffer(frame)));
    }

    @Nested
    class Decoding {
        @Test
        void theOrderOfMembersDoesNotMatter() {
            List<String> members = new ArrayList<>(
                    List.of("'type':'publish'", "'channel':'a'", "'payload':{'type':'ping'}", "'id':'1'"));
            Random random = new Random(1);
            for (int i = 0; i < 24; i++) {
                Collections.shuffle(members, random);
                String frame = ("{" + String.join(",", members) + "}").replace('\'', '"');
                assertThat(codec.decode(Buffer.buffer(frame)))
                        .isEqualTo(new ClientFrame.Publish(
                                "1",
                                "a",
                                null,
                                Payload.of(new JsonObject().put("type", "ping")),
                                null,
                                null,
                                null,
                                true,
                                false));
                assertThat(codec.scan(Buffer.buffer(frame))).isEqualTo(new Codec.Head("publish", "1", true));
            }
        }

        @Test
        void theIdIsToldEvenWhenItFollowsWhatIsWrong() {
            ProtocolException refusal = refusal("{\"type\":\"publish\",\"channel\":5,\"payload\":1,\"id\":\"77\"}");
            assertThat(refusal.id()).isEqualTo("77");
            assertThat(refusal.text()).isEqualTo("`channel` must be a string.");
        }

        @Test
        void aNestedMemberIsNamedWithItsPath() {
            ProtocolException refusal = refusal(
                    "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"a\",\"since\":{\"epoch\":\"e\",\"offset\":true}}");
            assertThat(refusal.text()).startsWith("`since.offset` must be");
            assertThat(refusal.id()).isEqualTo("1");
        }

        @Test
        void whatIsWrongForAnotherTypeIsUnknownHereAndIgnored() {
            assertThat(
                            codec.decode(
                                    Buffer.buffer(
                                            "{\"type\":\"noop\",\"count\":\"x\",\"channels\":{},\"resume\":[[]],\"since\":1.5,\"id\":[]}")))
                    .isEqualTo(new ClientFrame.Noop());
        }

        @Test
        void aFrameMayBeAsLongAsTheLimitAndNoLonger() {
            String begin = "{\"id\":\"1\",\"type\":\"publish\",\"channel\":\"a\",\"payload\":\"";
            String frame = begin + "x".repeat(1024 - begin.length() - 2) + "\"}";
            assertThat(codec.decode(Buffer.buffer(frame))).isInstanceOf(ClientFrame.Publish.class);
            ProtocolException refusal = refusal(frame + " ");
            assertThat(refusal.code()).isEqualTo(ErrorCode.TOO_LARGE);
            assertThat(refusal.id()).isEqualTo("1");
        }

        @Test
        void aFrameMayBeAsDeepAsTheLimitAndNoDeeper() {
            String deep = "{\"type\":\"publish\",\"channel\":\"a\",\"payload\":" + "[".repeat(7) + "]".repeat(7) + "}";
            assertThat(codec.decode(Buffer.buffer(deep))).isInstanceOf(ClientFrame.Publish.class);
            assertThat(refusal(deep.replace("[]", "[[]]")).text()).contains("too deeply");
        }

        @Test
        void hugeNestingIsRefusedWithoutHarm() {
            JsonCodec large = new JsonCodec(4_000_000, 32);
            Buffer deep = Buffer.buffer("{\"payload\":" + "[".repeat(2_000_000));
            assertThatThrownBy(() -> large.decode(deep)).isInstanceOf(ProtocolException.class);
            assertThat(large.scan(deep).counted()).isTrue();
            assertThatThrownBy(() -> large.split(deep)).isInstanceOf(ProtocolException.class);
        }
    }

    @Nested
    class Utf8 {
        @Test
        void theCheckAgreesWithTheJdk() {
            long seed = Long.getLong("polywire.seed", new Random().nextLong());
            Random random = new Random(seed);
            for (int i = 0; i < 400_000; i++) {
                byte[] bytes = new byte[random.nextInt(i % 10 == 0 ? 24 : 5)];
                for (int k = 0; k < bytes.length; k++) {
                    bytes[k] = (byte) (random.nextInt(3) == 0 ? 'a' : 0x7e + random.nextInt(0x82));
                }
                boolean valid = new String(bytes, StandardCharsets.UTF_8).indexOf('\ufffd') < 0;
                if (JsonText.isUtf8(bytes) != (valid || replacement(bytes))) {
                    throw new AssertionError("-Dpolywire.seed=" + seed + ": " + Arrays.toString(bytes));
                }
            }
        }

        /** Whether the replacement character was there from the start, so that the JDK's answer says nothing. */
        private boolean replacement(byte[] bytes) {
            return Arrays.equals(new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), bytes);
        }

        @Test
        void everyCodePointIsTaken() {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
                if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                    text.appendCodePoint(c);
                }
            }
            assertThat(JsonText.isUtf8(text.toString().getBytes(StandardCharsets.UTF_8)))
                    .isTrue();
        }

        @Test
        void halfASurrogatePairFromTheServersApplicationIsWrittenAsAnEscape() {
            Buffer written = codec.encode(new ServerFrame.Reply("\ud800", Payload.of("\udc00x")));
            assertThat(JsonText.isUtf8(written.getBytes())).isTrue();
            assertThat(written.toString()).startsWith("{\"type\":\"reply\",\"id\":\"\\uD800\"");
        }

        @Test
        void lineSeparatorsOfJavaScriptAreNoLineBreaks() {
            Buffer written = codec.encode(new ServerFrame.Reply("\u2028\u2029\n\r", Payload.of("\u2028\n")));
            assertThat(written.toString()).doesNotContain("\n", "\r").contains("\u2028");
        }
    }

    @Nested
    class Scanning {
        private Codec.Head scan(String frame) {
            return codec.scan(Buffer.buffer(frame));
        }

        @Test
        void exactlySixTypesAreUncounted() {
            for (String type : List.of("hello", "welcome", "ping", "pong", "received", "bye")) {
                assertThat(scan("{\"type\":\"" + type + "\"}")).isEqualTo(new Codec.Head(type, "", false));
            }
            for (String type : List.of("publish", "ack", "noop", "dance", "Ping", "")) {
                assertThat(scan("{\"type\":\"" + type + "\"}").counted()).isTrue();
            }
        }

        @Test
        void anUncountedTypeWithWrongMembersIsUncountedStill() {
            assertThat(scan("{\"type\":\"ping\",\"count\":\"x\",\"count\":1,\"id\":5}"))
                    .isEqualTo(new Codec.Head("ping", "", false));
        }

        @Test
        void whatIsNoFrameCounts() {
            for (String text : List.of(
                    "",
                    "[]",
                    "\"ping\"",
                    "{\"type\":\"ping\"",
                    "{\"type\":\"ping\"} x",
                    "{\"type\":\"ping\"}{}",
                    "{\"type\":\"ping\",\"type\":\"ping\"}",
                    "{\"type\":5,\"type\":\"ping\"}",
                    "{\"type\":\"ping\",\"x\":" + "[".repeat(9) + "]".repeat(9) + "}",
                    "{\"type\":\"ping\",\"x\":\"" + "x".repeat(1024) + "\"}")) {
                assertThat(scan(text).counted()).as(text).isTrue();
            }
            byte[] overlong = "{\"type\":\"ping\",\"x\":\"..\"}".getBytes(StandardCharsets.ISO_8859_1);
            overlong[overlong.length - 4] = (byte) 0xc0;
            overlong[overlong.length - 3] = (byte) 0x80;
            assertThat(codec.scan(Buffer.buffer(overlong)).counted()).isTrue();
        }

        @Test
        void typeAndIdAreFoundBehindThePayloadAndInFrontOfAFault() {
            assertThat(scan("{\"payload\":{\"type\":\"ping\",\"id\":\"2\"},\"id\":\"1\",\"type\":\"publish\", oops"))
                    .isEqualTo(new Codec.Head("publish", "1", true));
            assertThat(scan("{\"type\":\"publish\",\"id\":\"" + "i".repeat(65) + "\"}")
                            .id())
                    .isEmpty();
        }
    }

    @Nested
    class Splitting {
        private List<String> split(String body) {
            return codec.split(Buffer.buffer(body)).stream()
                    .map(Buffer::toString)
                    .toList();
        }

        @Test
        void aBodyIsOneFrameOrAnArray() {
            assertThat(split(" {\"a\" : [1, {}]}\n")).containsExactly("{\"a\" : [1, {}]}");
            assertThat(split("[]")).isEmpty();
            assertThat(split("[ {\"a\":\"]\"} ,{}\n,5, -1.5e3 ,\"x,\\\"\",true,null, [1,2] ]"))
                    .containsExactly("{\"a\":\"]\"}", "{}", "5", "-1.5e3", "\"x,\\\"\"", "true", "null", "[1,2]");
        }

        @Test
        void aBodyThatIsNotWellFormedIsRefusedAsAWhole() {
            for (String body : List.of(
                    "",
                    "5",
                    "\"x\"",
                    "null",
                    "[",
                    "[{}",
                    "[{},]",
                    "[{}{}]",
                    "[{}] []",
                    "{} {}",
                    "[{\"a\":}]",
                    "[nul]",
                    "[01]",
                    "{\"a\":1")) {
                assertThatThrownBy(() -> split(body))
                        .as(body)
                        .isInstanceOfSatisfying(
                                ProtocolException.class,
                                e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FRAME));
            }
            Buffer latin1 = Buffer.buffer("[\"\u00fc\"]".getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> codec.split(latin1)).isInstanceOf(ProtocolException.class);
        }

        @Test
        void oneFrameThatIsTooDeepOrTooLongDoesNotTakeTheOthersWithIt() {
            String deep = "{\"type\":\"noop\",\"x\":" + "[".repeat(100) + "]".repeat(100) + "}";
            String large = "{\"type\":\"noop\",\"x\":\"" + "x".repeat(2000) + "\",\"" + "n".repeat(2000) + "\":"
                    + "1".repeat(2000) + "}";
            assertThat(split("[{\"type\":\"noop\"}," + deep + "," + large + ",5]"))
                    .hasSize(4);
            assertThat(refusal(deep).code()).isEqualTo(ErrorCode.BAD_FRAME);
            assertThat(refusal(large).code()).isEqualTo(ErrorCode.TOO_LARGE);
        }

        @Test
        void aBodyHoldsAtMostTenThousandFrames() {
            assertThat(split("[" + "1,".repeat(9_999) + "1]")).hasSize(10_000);
            assertThatThrownBy(() -> split("[" + "1,".repeat(10_000) + "1]")).isInstanceOf(ProtocolException.class);
        }
    }
}
