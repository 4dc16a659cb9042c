package dev.polywire.client;

/** What follows from the end of a session's wire, by what the session knows of it beyond its code. */
final class Verdicts {
    private static final int STALES = 3;

    private final Engine engine;
    private final boolean renewable;
    /** Refused attach numbers in a row. */
    private int stales;

    /**
     * @param renewable whether tokens are got by a function
     */
    Verdicts(Engine engine, boolean renewable) {
        this.engine = engine;
        this.renewable = renewable;
    }

    /** A wire was welcomed. */
    void welcomed() {
        stales = 0;
    }

    Failure.Verdict of(Link link, Ending end) {
        String code = end.code();
        if (code.equals("stale") && overtaken(link, code)) {
            return Failure.Verdict.RESUME;
        }
        // A proxy may repeat an attach of which we then see only the refusal; the next number is greater, so it is a
        // fair try.
        if (code.equals("stale")) {
            return ++stales < STALES ? Failure.Verdict.RESUME : Failure.Verdict.NONE;
        }
        // Our token ended while the wire worked: whoever gets tokens by a function comes with a new one, once (R77).
        boolean ended = code.equals("unauthenticated") && link == engine.current && renewable;
        // Our own later attach may have been what replaced it (R11).
        boolean ours = code.equals("replaced") && link.count.attach < engine.machine.attach;
        return ended || ours ? Failure.Verdict.RESUME : end.verdict();
    }

    /**
     * Whether a wire ended because another one of ours is about to take its place, so that nothing is broken: the server may say goodbye
     * on it before the new one's welcome is read, and to a poll that was overtaken {@code stale} (R18).
     */
    boolean overtaken(Link link, String code) {
        Link next = engine.trial;
        if (next == null || next == link) {
            return false;
        }
        return code.equals("replaced") || (code.equals("stale") && next.count.attach > link.count.attach);
    }
}
