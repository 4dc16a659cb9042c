/** Channels: fan-out to the sessions of a node, history, presence, and the broker that stays in memory. */
@NullMarked
package dev.polywire.channel;

import org.jspecify.annotations.NullMarked;
