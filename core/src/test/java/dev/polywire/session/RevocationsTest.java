package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Principal;
import dev.polywire.Revocation;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What was revoked, and until when; time is handed in. */
class RevocationsTest {
    private final AtomicLong now = new AtomicLong(5_000);
    private final Revocations revocations = new Revocations(now::get);

    private static Principal ann(String claims) {
        return new Principal("ann", new JsonObject(claims), null);
    }

    private boolean covers(Principal principal) {
        return revocations.cover(principal, null);
    }

    @Test
    @DisplayName("R52 a user is covered until the time is over, and nobody else is")
    void user() {
        assertThat(covers(ann("{}"))).isFalse();
        revocations.add(new Revocation.User("ann"), null, 1_000);
        assertThat(covers(ann("{}"))).isTrue();
        assertThat(covers(Principal.of("bob"))).isFalse();
        assertThat(covers(Principal.ANONYMOUS)).isFalse();
        now.addAndGet(999);
        assertThat(covers(ann("{}"))).isTrue();
        now.addAndGet(1);
        assertThat(covers(ann("{}"))).isFalse();
    }

    @Test
    @DisplayName("R52 no two pages of two users have one name, whatever characters they are made of")
    void names() {
        assertThat(ClientKey.of(Principal.of("a"), "b\nc")).isNotEqualTo(ClientKey.of(Principal.of("a\nb"), "c"));
        assertThat(ClientKey.of(Principal.of("1:a"), "b")).isNotEqualTo(ClientKey.of(Principal.of("1"), "a1:b"));
        assertThat(ClientKey.of(Principal.ANONYMOUS, "b")).isNotEqualTo(ClientKey.of(Principal.of("-"), "b"));
        assertThat(ClientKey.of(Principal.of("a"), "2:xy")).isNotEqualTo(ClientKey.of(Principal.of("a4:"), "xy"));
        assertThat(ClientKey.of(Principal.ANONYMOUS, "b")).startsWith("-");
    }

    @Test
    @DisplayName("R52 the last word on the same thing holds, and it can be taken back")
    void again() {
        revocations.add(new Revocation.User("ann"), null, 1_000);
        revocations.add(new Revocation.User("ann"), null, 10);
        now.addAndGet(10);
        assertThat(covers(ann("{}"))).isFalse();
        assertThat(revocations.remove(new Revocation.User("ann"))).isFalse();
        revocations.add(new Revocation.User("ann"), null, 1_000);
        assertThat(revocations.remove(new Revocation.User("bob"))).isFalse();
        assertThat(revocations.remove(new Revocation.User("ann"))).isTrue();
        assertThat(covers(ann("{}"))).isFalse();
        assertThat(revocations.size()).isZero();
    }

    @Test
    @DisplayName("R52 a token is covered by its jti, whoever bears it")
    void token() {
        revocations.add(new Revocation.Token("t-1"), null, 1_000);
        assertThat(covers(ann("{\"jti\": \"t-1\"}"))).isTrue();
        assertThat(covers(new Principal(null, new JsonObject().put("jti", "t-1"), null)))
                .isTrue();
        assertThat(covers(ann("{\"jti\": \"t-2\"}"))).isFalse();
        assertThat(covers(ann("{\"jti\": 1}"))).isFalse();
        assertThat(covers(ann("{}"))).isFalse();
    }

    @Test
    @DisplayName(
            "R52 what was issued before is covered, what was issued after it is not, and what does not say when is")
    void issued() {
        revocations.add(new Revocation.Issued("ann", Instant.ofEpochMilli(1_700_000_000_900L)), null, 1_000);
        assertThat(covers(ann("{\"iat\": 1699999999}"))).isTrue();
        assertThat(covers(ann("{\"iat\": 1700000000}"))).isTrue();
        assertThat(covers(ann("{\"iat\": 1700000001}"))).isFalse();
        assertThat(covers(ann("{\"iat\": \"1800000000\"}"))).isTrue();
        assertThat(covers(ann("{}"))).isTrue();
        assertThat(covers(new Principal("bob", new JsonObject(), null))).isFalse();
    }

    @Test
    @DisplayName("R52 no more are kept than there is room for; nothing is dropped, and what is over makes room")
    void bounded() {
        int added = 0;
        while (revocations.add(new Revocation.User("u" + added), null, 1_000)) {
            added++;
        }
        assertThat(revocations.size()).isLessThanOrEqualTo(Revocations.MOST);
        assertThat(added).isGreaterThanOrEqualTo(Revocations.MOST - 2);
        assertThat(covers(Principal.of("u0"))).isTrue();
        assertThat(revocations.add(new Revocation.User("u0"), null, 2_000))
                .as("one that is there")
                .isTrue();
        now.addAndGet(1_000);
        assertThat(revocations.add(new Revocation.User("ann"), null, 1_000)).isTrue();
        assertThat(revocations.size()).isEqualTo(2);
    }
}
