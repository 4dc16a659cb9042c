package dev.polywire.independent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.independent.SmallClient.Transport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a connection, or a session, comes to its end. */
class IndependentEndTest extends ServerUnderTest {
    /** R40. */
    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE"})
    void byeIsAnsweredAndEndsTheSession(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));

        client.bye();

        assertThat(client.byes.get(0).getInteger("code")).isEqualTo(1000);
        assertThat(client.byes.get(0).getString("reconnect")).isEqualTo("none");
        assertThat(client.byes.get(0).getLong("sent")).isEqualTo(client.received());
        client.cut();
        assertThat(join(client.open(transport)).getBoolean("resumed")).isFalse();
    }

    /** R11. */
    @ParameterizedTest
    @EnumSource
    void theWireThatIsReplacedIsToldSo(Transport transport) {
        SmallClient client = opened(transport);
        join(client.request("echo", 1));

        assertThat(join(client.open(Transport.WEBSOCKET)).getBoolean("resumed")).isTrue();

        client.await("the old wire's end", () -> !client.byes.isEmpty() || !client.ends.isEmpty());
        if (client.byes.isEmpty()) {
            // A poll that was still under way is late: it is refused, and has no array for a bye.
            assertThat(transport).isEqualTo(Transport.POLL);
            assertThat(client.ends.get(0))
                    .isInstanceOfSatisfying(
                            Wire.Refused.class,
                            refused -> assertThat(refused.status).isEqualTo(409));
            return;
        }
        assertThat(client.byes.get(0).getInteger("code")).isEqualTo(4008);
        assertThat(client.byes.get(0).getString("reason")).isEqualTo("replaced");
        assertThat(client.byes.get(0).getString("reconnect")).isEqualTo("none");
        assertThat(join(client.request("echo", 2)).getInteger("payload")).isEqualTo(2);
    }

    /** R40: where no poll waits, the answer to the POST answers the bye, and the next poll finds no session. */
    @Test
    void afterAByeBetweenTwoPollsTheNextOneFindsNoSession() {
        SmallClient client = client();
        JsonObject welcome = new JsonArray(post(client, "/poll", HELLO, null).body()).getJsonObject(0);
        client.session = welcome.getString("session");
        client.secret = welcome.getString("secret");
        assertThat(post(client, "{\"type\":\"bye\",\"sent\":0}", null).statusCode())
                .isEqualTo(200);

        HttpResponse<String> poll = join(client.http.sendAsync(
                client.requests.toSession("/poll?wait=0", client.place()).build(),
                HttpResponse.BodyHandlers.ofString()));

        assertThat(poll.statusCode()).isEqualTo(404);
        assertThat(poll.body()).contains("\"unknown\"");
    }
}
