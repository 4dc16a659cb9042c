/** The conformance kit against several nodes behind one Redis. */
@NullMarked
package dev.polywire.nodes;

import org.jspecify.annotations.NullMarked;
