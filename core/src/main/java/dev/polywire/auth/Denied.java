package dev.polywire.auth;

/** Why a token was refused, for the log: the client learns only that it was. It has no stack trace because it is an answer. */
final class Denied extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What becomes of it. */
    enum Kind {
        /** It is no token at all. */
        UNREADABLE,
        /** It names a key that is not known. */
        UNKNOWN_KEY,
        /** It was read and is not accepted. */
        REFUSED
    }

    /** How it is told. */
    private final Kind kind;

    Denied(Kind kind, String why) {
        super(why, null, false, false);
        this.kind = kind;
    }

    static Denied refused(String why) {
        return new Denied(Kind.REFUSED, why);
    }

    static Denied unreadable(String why) {
        return new Denied(Kind.UNREADABLE, why);
    }

    Kind kind() {
        return kind;
    }
}
