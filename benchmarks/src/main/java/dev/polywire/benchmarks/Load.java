package dev.polywire.benchmarks;

/**
 * What a server is measured under.
 *
 * @param subscribers how many
 * @param rate publishes a second in all
 */
record Load(int subscribers, double rate) {}
