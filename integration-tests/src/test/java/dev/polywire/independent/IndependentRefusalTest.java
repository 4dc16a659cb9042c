package dev.polywire.independent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.independent.SmallClient.Transport;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames that the specification has refused, and what becomes of their numbers. */
class IndependentRefusalTest extends ServerUnderTest {
    /** R2 and R28: a refused frame is consumed and answered with its number. */
    @ParameterizedTest
    @EnumSource
    void aRefusedFrameIsAnsweredWithItsNumber(Transport transport) {
        SmallClient client = opened(transport);
        join(client.subscribe(channel, null));
        long unknown = client.tell(new JsonObject().put("type", "no-such-type"));
        long incomplete = client.tell(new JsonObject().put("type", "publish").put("payload", 1));
        long noType = client.tell(new JsonObject().put("payload", 1));
        client.tell(SmallClient.publication(channel, "good"));
        CompletableFuture<JsonObject> badChannel = client.ask(SmallClient.publication("with space", 1));

        client.await("answers", () -> client.errors.size() >= 4 && !client.messages.isEmpty());

        assertThat(client.errors)
                .extracting(error -> error.getLong("frame"))
                .containsExactlyInAnyOrder(unknown, incomplete, noType, noType + 2);
        assertThat(codeOf(client, unknown)).isEqualTo("unknown_type");
        assertThat(codeOf(client, incomplete)).isEqualTo("bad_frame");
        assertThat(codeOf(client, noType)).isEqualTo("bad_frame");
        assertThat(join(badChannel).getString("code")).isEqualTo("bad_channel");
        assertThat(payloads(client, channel)).isEqualTo(List.of("good"));
    }

    /** R1 and R2: on a WebSocket even a text that is no frame counts, and does not end the session. */
    @Test
    void aTextThatIsNoFrameCounts() {
        SmallClient client = opened(Transport.WEBSOCKET);
        long number = client.tell("{no frame");
        long array = client.tell("[]");

        client.await("errors", () -> client.errors.size() >= 2);

        assertThat(codeOf(client, number)).isEqualTo("bad_frame");
        assertThat(codeOf(client, array)).isEqualTo("bad_frame");
        assertThat(join(client.request("echo", 1)).getInteger("payload")).isEqualTo(1);
    }

    /** R14, R25 and R26: the uplink's refusals. */
    @ParameterizedTest
    @EnumSource(names = {"SSE", "POLL"})
    void anUplinkThatCannotBeTakenChangesNothing(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));
        long accepted = client.sent();

        HttpResponse<String> early = post(client, "[{\"type\":\"noop\"}]", accepted + 2);
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(new JsonObject(early.body()).getString("code")).isEqualTo("out_of_order");
        assertThat(new JsonObject(early.body()).getLong("received")).isEqualTo(accepted);
        assertThat(post(client, "[{\"type\":\"noop\"},", accepted + 1).statusCode())
                .isEqualTo(400);
        assertThat(post(client, "{\"type\":\"noop\"}", null).statusCode())
                .as("a counted frame without its number")
                .isEqualTo(400);
        HttpResponse<String> again = post(client, "{\"type\":\"noop\"}", accepted);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(again.body()).getLong("received")).isEqualTo(accepted);
        assertThat(join(client.request("echo", 2)).getInteger("payload")).isEqualTo(2);

        SmallClient thief = client();
        thief.session = client.session;
        thief.secret = "A".repeat(client.secret.length());
        HttpResponse<String> wrong = post(thief, "{\"type\":\"noop\"}", accepted + 2);
        assertThat(wrong.statusCode()).isEqualTo(404);
        assertThat(new JsonObject(wrong.body()).getString("code")).isEqualTo("unknown");
    }

    /** R27 and R28: a frame that is too large is not consumed; a noop takes its number. */
    @ParameterizedTest
    @EnumSource
    void aFrameThatIsTooLargeIsReplaced(Transport transport) {
        SmallClient client = opened(transport);
        join(client.subscribe(channel, null));
        client.tell(SmallClient.publication(channel, "x".repeat(70_000)));
        if (transport == Transport.WEBSOCKET) {
            client.await("its end", () -> !client.ends.isEmpty());
            assertThat(client.byes.get(0).getInteger("code")).isEqualTo(1009);
            assertThat(client.byes.get(0).getString("reconnect")).isEqualTo("resume");
        } else {
            client.await("the refusal", () -> !client.faults.isEmpty());
            assertThat(client.faults.remove(0)).contains("413").contains("\"too_large\"");
            client.cut();
        }
        client.tell(SmallClient.publication(channel, "withdrawn as well"));
        client.withdraw();
        client.tell(SmallClient.publication(channel, "after"));

        assertThat(join(client.open(transport)).getBoolean("resumed")).isTrue();

        client.await("the one after", () -> !client.messages.isEmpty());
        assertThat(payloads(client, channel)).isEqualTo(List.of("after"));
        assertThat(client.errors).isEmpty();
    }
}
