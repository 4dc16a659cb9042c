/** What a transport or a cluster implements, and what it is given to do so. */
@NullMarked
package dev.polywire.spi;

import org.jspecify.annotations.NullMarked;
