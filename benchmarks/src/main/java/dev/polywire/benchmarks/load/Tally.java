package dev.polywire.benchmarks.load;

/**
 * What one subscriber got of a channel whose messages are numbered from 1. A number that is left out counts as lost until it
 * comes after all; then it counts as reordered. The last 64 numbers are remembered, what is older and comes again is a repeat.
 */
final class Tally {
    private long highest;
    /** Bit i: whether number {@code highest - i} came. */
    private long seen = -1;

    long delivered;
    long lost;
    long repeated;
    long reordered;

    void message(long number) {
        delivered++;
        long ahead = number - highest;
        if (ahead == 1) {
            seen = seen << 1 | 1;
            highest = number;
        } else if (ahead > 1) {
            lost += ahead - 1;
            seen = ahead < 64 ? seen << ahead | 1 : 1;
            highest = number;
        } else {
            late(-ahead);
        }
    }

    private void late(long behind) {
        long bit = behind < 64 ? 1L << behind : 0;
        if (bit != 0 && (seen & bit) == 0) {
            seen |= bit;
            lost--;
            reordered++;
        } else {
            repeated++;
        }
    }

    /** Counts what was published but never came as lost; {@code last} is the number published last. */
    void end(long last) {
        if (last > highest) {
            lost += last - highest;
            highest = last;
            seen = 0;
        }
    }

    long highest() {
        return highest;
    }
}
