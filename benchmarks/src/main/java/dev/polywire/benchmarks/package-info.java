/** Measures Polywire beside its peers: each server in a process of its own, all fed and read in the same way. */
@NullMarked
package dev.polywire.benchmarks;

import org.jspecify.annotations.NullMarked;
