package dev.polywire.session;

import dev.polywire.Revocation;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How nodes tell each other of revocations. */
final class RevocationJson {
    private RevocationJson() {}

    /** Writes one, for so many milliseconds. */
    static JsonObject write(Revocation what, @Nullable String client, long millis) {
        JsonObject json = new JsonObject().put("millis", millis);
        if (client != null) {
            json.put("client", client);
        }
        if (what instanceof Revocation.User user) {
            return json.put("user", user.id());
        } else if (what instanceof Revocation.Issued issued) {
            return json.put("issued", issued.user())
                    .put("before", issued.before().getEpochSecond());
        } else if (what instanceof Revocation.Token token) {
            return json.put("token", token.id());
        } else if (what instanceof Revocation.OneSession session) {
            return json.put("session", session.id());
        }
        throw new IllegalArgumentException("There is no such revocation.");
    }

    /** Reads one. */
    static Revocation read(JsonObject json) {
        if (json.containsKey("user")) {
            return new Revocation.User(json.getString("user"));
        } else if (json.containsKey("issued")) {
            return new Revocation.Issued(json.getString("issued"), Instant.ofEpochSecond(json.getLong("before")));
        } else if (json.containsKey("token")) {
            return new Revocation.Token(json.getString("token"));
        } else if (json.containsKey("session")) {
            return new Revocation.OneSession(json.getString("session"));
        }
        throw new IllegalArgumentException("There is no such revocation.");
    }
}
