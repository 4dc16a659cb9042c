package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RelayFramesTest {
    private static final Buffer BINARY = Buffer.buffer(new byte[] {0, -1, 10, 34, (byte) 0xe2});
    private static final ClientFrame.Resume CLAIM = new ClientFrame.Resume("n.s", "geheim\u00e4", 7, 1L << 52, 3);

    private static RelayFrames.Attach attach(Buffer hello) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("Cookie", "a=b")
                .add("Cookie", "c=\u20ac")
                .add("Polywire-Secret", "geheim\u00e4");
        User user = User.create(new JsonObject().put("sub", "ann"), new JsonObject().put("n", 1));
        return new RelayFrames.Attach(
                42, new Handshake("longpoll", "::1", "/realtime/poll", headers, null, user, CLAIM), CLAIM, hello);
    }

    @Test
    void anAttachSaysAllThatIsKnownOfTheRequestButTheSecretInItsHeaders() {
        RelayFrames.Attach was = attach(BINARY);
        RelayFrames.Attach is = (RelayFrames.Attach) RelayFrames.question(RelayFrames.write(was));
        assertThat(is.id()).isEqualTo(42);
        assertThat(is.claim()).isEqualTo(CLAIM);
        assertThat(is.hello()).isEqualTo(BINARY);
        Handshake who = is.who();
        assertThat(who.transport()).isEqualTo("longpoll");
        assertThat(who.remoteAddress()).isEqualTo("::1");
        assertThat(who.path()).isEqualTo("/realtime/poll");
        assertThat(who.token()).isNull();
        assertThat(who.resume()).isEqualTo(CLAIM);
        assertThat(who.headers().getAll("cookie")).containsExactly("a=b", "c=\u20ac");
        assertThat(who.headers().contains("Polywire-Secret")).isFalse();
        User user = Objects.requireNonNull(who.user());
        assertThat(user.principal()).isEqualTo(new JsonObject().put("sub", "ann"));
        assertThat(user.attributes().getInteger("n")).isEqualTo(1);
    }

    private static final List<RelayFrames.Question> QUESTIONS = List.of(
            new RelayFrames.Closed(Long.MAX_VALUE),
            new RelayFrames.Post("n.s", "x", 3, -1, BINARY),
            new RelayFrames.Frames(1, new RelayFrames.Part(List.of(BINARY, Buffer.buffer()), true, false)),
            new RelayFrames.Close(1, CloseReason.REPLACED),
            new RelayFrames.Admin(new JsonObject().put("do", "x")));

    private static final List<RelayFrames.Answer> ANSWERS = List.of(
            new RelayFrames.Attached(List.of(), null),
            new RelayFrames.Attached(
                    List.of(
                            new RelayFrames.Part(List.of(BINARY), true, false),
                            new RelayFrames.Part(List.of(BINARY, BINARY), false, true)),
                    CloseReason.LOST),
            new RelayFrames.Done(true),
            new RelayFrames.Count(1L << 52),
            new RelayFrames.Told(new JsonObject().put("count", 1)));

    @Test
    void whatIsWrittenIsRead() {
        QUESTIONS.forEach(
                was -> assertThat(RelayFrames.question(RelayFrames.write(was))).isEqualTo(was));
        ANSWERS.forEach(
                was -> assertThat(RelayFrames.answer(RelayFrames.write(was))).isEqualTo(was));
    }

    @Test
    void aRefusalStaysWhatItIs() {
        List.of(
                        new Refusal(ErrorCode.STALE, CloseReason.STALE, "old"),
                        new Refusal(ErrorCode.RATE_LIMITED, CloseReason.TRY_LATER, "many", 1234, 9, null),
                        new Refusal(
                                ErrorCode.UNSUPPORTED_VERSION,
                                CloseReason.UNSUPPORTED_VERSION,
                                "new",
                                0,
                                -1,
                                List.of(1, 2)))
                .forEach(was -> {
                    RelayFrames.Refused is =
                            (RelayFrames.Refused) RelayFrames.answer(RelayFrames.write(new RelayFrames.Refused(was)));
                    assertThat(is.why().toFrame()).isEqualTo(was.toFrame());
                    assertThat(is.why().toBye()).isEqualTo(was.toBye());
                    assertThat(is.why().status()).isEqualTo(was.status());
                });
    }

    @Test
    void whatIsCutOffOrTooLongOrOfAnotherVersionIsNothing() {
        for (RelayFrames.Question question : QUESTIONS) {
            refuseAllPartsOf(RelayFrames.write(question), RelayFrames::question);
        }
        refuseAllPartsOf(RelayFrames.write(attach(BINARY)), RelayFrames::question);
        for (RelayFrames.Answer answer : ANSWERS) {
            refuseAllPartsOf(RelayFrames.write(answer), RelayFrames::answer);
        }
    }

    private static void refuseAllPartsOf(Buffer whole, Function<Buffer, Object> read) {
        for (int length = 0; length < whole.length(); length++) {
            Buffer part = whole.getBuffer(0, length);
            assertThatThrownBy(() -> read.apply(part)).isInstanceOf(RuntimeException.class);
        }
        assertThatThrownBy(() -> read.apply(whole.copy().appendByte((byte) 0))).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> read.apply(whole.copy().setByte(0, (byte) 2))).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> read.apply(Buffer.buffer("{\"move\":1}"))).isInstanceOf(RuntimeException.class);
    }

    @Test
    void noiseIsRefusedAndTakesNoMemory() {
        long seed = Long.getLong("polywire.seed", System.nanoTime() & 0xffffff);
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Buffer noise = RelayFrames.write(attach(BINARY));
            for (int change = random.nextInt(4); change >= 0; change--) {
                noise.setByte(random.nextInt(noise.length()), (byte) random.nextInt());
            }
            try {
                RelayFrames.question(noise);
            } catch (RuntimeException refused) {
                // What it may be is a question, or refused.
                assertThat(refused).as("with -Dpolywire.seed=%d", seed).isNotInstanceOf(NullPointerException.class);
            }
        }
    }
}
