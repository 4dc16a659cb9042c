package dev.polywire;

import java.time.Instant;

/** What is taken back by {@link Sessions#revoke}: a user, a token, or a session. */
public sealed interface Revocation {

    /**
     * A user, whatever the credentials.
     *
     * @param id the user's id
     */
    record User(String id) implements Revocation {}

    /**
     * The tokens that a user was given before a moment, by their claim {@code iat}, so that the user may log in again. One without that
     * claim counts as given before.
     *
     * @param user the user's id
     * @param before the moment, of which the whole second is meant: what was issued within it counts as given before
     */
    record Issued(String user, Instant before) implements Revocation {}

    /**
     * One token, by its claim {@code jti}.
     *
     * @param id the claim
     */
    record Token(String id) implements Revocation {}

    /**
     * One session. Its client (this loaded page, by the nonce that it chose) is refused with it, but not its user: a page that is loaded
     * anew is another client.
     *
     * @param id the session's public id
     */
    record OneSession(String id) implements Revocation {}
}
