/** A validator of frames: what in a file breaks which rule of the protocol. */
@NullMarked
package dev.polywire.examples.validate;

import org.jspecify.annotations.NullMarked;
