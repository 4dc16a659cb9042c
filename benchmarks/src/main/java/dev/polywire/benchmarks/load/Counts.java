package dev.polywire.benchmarks.load;

/** The counts of all subscribers together. */
public final class Counts {
    long delivered;
    long lost;
    long repeated;
    long reordered;
    long lostConnections;
    long moves;

    void add(Tally tally) {
        delivered += tally.delivered;
        lost += tally.lost;
        repeated += tally.repeated;
        reordered += tally.reordered;
    }

    /** Returns messages that came, repeated ones too. */
    public long delivered() {
        return delivered;
    }

    /** Returns messages that never came. */
    public long lost() {
        return lost;
    }

    /** Returns messages that came again. */
    public long repeated() {
        return repeated;
    }

    /** Returns messages that came after one with a higher number. */
    public long reordered() {
        return reordered;
    }

    /** Returns connections that ended by themselves. */
    public long lostConnections() {
        return lostConnections;
    }

    /** Returns how often a session went on by another connection. */
    public long moves() {
        return moves;
    }
}
