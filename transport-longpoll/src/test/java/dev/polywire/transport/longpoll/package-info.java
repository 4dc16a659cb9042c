/** Tests of the transport. */
@NullMarked
package dev.polywire.transport.longpoll;

import org.jspecify.annotations.NullMarked;
