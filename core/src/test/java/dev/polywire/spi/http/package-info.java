/** Tests of what transports over HTTP share. */
@NullMarked
package dev.polywire.spi.http;

import org.jspecify.annotations.NullMarked;
