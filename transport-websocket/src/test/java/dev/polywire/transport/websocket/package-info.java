/** Tests of the transport. */
@NullMarked
package dev.polywire.transport.websocket;

import org.jspecify.annotations.NullMarked;
