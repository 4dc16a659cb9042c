/** The servers of the JVM peers. Each publishes by itself, at the pace that it is told on its standard input. */
@NullMarked
package dev.polywire.benchmarks.server;

import org.jspecify.annotations.NullMarked;
