package dev.polywire.examples.livefeed;

/**
 * A machine's counters at one moment. Those that only grow become rates in {@link Sampler}.
 *
 * @param at nanoseconds of a monotonic clock
 * @param busy ticks that each core was busy, since the machine started
 * @param ticks all ticks of each core
 * @param load the load averages of 1, 5 and 15 minutes; negative where there are none
 * @param memory bytes of memory in use
 * @param swap bytes of swap in use
 * @param received bytes that came over the network
 * @param sent bytes that went over the network
 * @param read bytes read from disks
 * @param written bytes written to disks
 * @param heap bytes of the JVM's heap in use
 * @param committed bytes of heap that the JVM holds
 * @param threads threads of the JVM
 */
record Counters(
        long at,
        long[] busy,
        long[] ticks,
        double[] load,
        long memory,
        long swap,
        long received,
        long sent,
        long read,
        long written,
        long heap,
        long committed,
        int threads) {}
