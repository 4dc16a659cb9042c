/** Sessions and bare reads over long polling. */
@NullMarked
package dev.polywire.transport.longpoll;

import org.jspecify.annotations.NullMarked;
