package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When tokens are renewed by whom whose clock is wrong, by hand-moved time. */
class RenewalTest {
    private static final long HOUR = 3_600_000;
    private static final int TEN_MINUTES = 600;
    private final World world = new World();
    private final HandPlace place = world.place;
    private int got;

    /** Returns the issuer's time in seconds, two hours behind ours. */
    private long theirs() {
        return (place.wall() - 2 * HOUR) / 1000;
    }

    private static String jwt(JsonObject claims) {
        byte[] bytes = claims.encode().getBytes(StandardCharsets.UTF_8);
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes) + ".x";
    }

    private JsonObject claims() {
        return new JsonObject().put("jti", ++got).put("exp", theirs() + TEN_MINUTES);
    }

    private LiveClient open(Supplier<String> tokens) {
        return world.open(World.options().tokens(() -> Future.succeededFuture(tokens.get())));
    }

    @Test
    @DisplayName("R75: a clock that runs ahead does not matter where a token says when it was issued")
    void ahead() {
        open(() -> jwt(claims().put("iat", theirs())));
        place.pass(HOUR);
        assertThat(got).as("one for each eight of sixty minutes").isEqualTo(8);
        assertThat(world.expiring).isEmpty();
    }

    @Test
    @DisplayName("R75: tokens that all look expired are got ever more seldom, and when the server asks")
    void expired() {
        open(() -> jwt(claims()));
        place.pass(HOUR);
        assertThat(got).isBetween(2, 16);
        int before = got;
        world.model.session().emit(new JsonObject().put("type", "refresh").put("expiresIn", 60_000));
        place.pass(1000);
        assertThat(got).isEqualTo(before + 1);
        assertThat(world.expiring).isEmpty();
    }

    @Test
    @DisplayName("R75: a token that is handed out once more gets no younger by that")
    void again() {
        String mine = jwt(claims().put("iat", theirs()));
        int[] asked = new int[1];
        open(() -> asked[0]++ < 2 ? mine : jwt(claims().put("iat", theirs())));
        place.pass(TEN_MINUTES * 1000 - 10_000);
        assertThat(asked[0]).as("at 0, 480 and 576 seconds").isEqualTo(3);
    }
}
