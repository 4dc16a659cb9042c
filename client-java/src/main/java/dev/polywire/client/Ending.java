package dev.polywire.client;

import io.vertx.core.json.JsonObject;

/** The end of a wire, from what the server said on it and how it broke. */
record Ending(String code, long retryAfter, long sent, Failure.Verdict verdict, PolywireException error) {

    static Ending of(Link link, Failure why) {
        JsonObject told = link.bye != null ? link.bye : link.error;
        String code = told == null ? null : Frames.text(told, "reason");
        String message = why.message();
        long retryAfter = why.retryAfter();
        if (told != null) {
            code = code == null ? Frames.text(told, "code") : code;
            message = Frames.text(told, "message");
            retryAfter = retryAfter > 0 ? retryAfter : Math.max(0, Frames.number(told, "retryAfter", 0));
        }
        if (code == null) {
            code = why.code() != null ? why.code() : why.status() > 0 ? String.valueOf(why.status()) : "closed";
        }
        Failure.Verdict said = why.reconnect();
        if (said == null && link.bye != null) {
            said = Failure.Verdict.of(Frames.text(link.bye, "reconnect"));
        }
        return new Ending(
                code,
                retryAfter,
                link.bye == null ? 0 : Frames.number(link.bye, "sent", 0),
                Failure.judge(code, why.status(), said),
                new PolywireException(code, message, retryAfter, null));
    }
}
