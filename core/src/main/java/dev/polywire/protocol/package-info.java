/** The protocol itself: frames, their codec, positions and close reasons. No sockets, no clock; see {@code docs/protocol.md}. */
@NullMarked
package dev.polywire.protocol;

import org.jspecify.annotations.NullMarked;
