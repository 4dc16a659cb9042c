package dev.polywire.session;

import dev.polywire.Principal;

/** Names a page of a user by one text. Both may hold any character, so the lengths go ahead: no two pages have the same name. */
final class ClientKey {
    private ClientKey() {}

    /** Returns the name; it begins with a digit, or with {@code -} for nobody in particular. */
    static String of(Principal principal, String nonce) {
        String user = principal.id();
        return (user == null ? "-:" : user.length() + ":" + user) + nonce.length() + ':' + nonce;
    }
}
