/** The load generator: one thread that is every subscriber, and counts what reaches each. */
@NullMarked
package dev.polywire.benchmarks.load;

import org.jspecify.annotations.NullMarked;
