/** Sessions and bare reads over Server-Sent Events. */
@NullMarked
package dev.polywire.transport.sse;

import org.jspecify.annotations.NullMarked;
