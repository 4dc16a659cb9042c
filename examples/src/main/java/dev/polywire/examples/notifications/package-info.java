/** A notification server: an inbox for each person, live on all of their devices. */
@NullMarked
package dev.polywire.examples.notifications;

import org.jspecify.annotations.NullMarked;
