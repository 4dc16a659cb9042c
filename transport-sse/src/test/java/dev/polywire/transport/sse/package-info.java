/** Tests of the transport. */
@NullMarked
package dev.polywire.transport.sse;

import org.jspecify.annotations.NullMarked;
