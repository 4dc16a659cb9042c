/** One package for each demo; {@code ./demo} runs them. */
@NullMarked
package dev.polywire.examples;

import org.jspecify.annotations.NullMarked;
