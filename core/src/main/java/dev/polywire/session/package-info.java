/** Sessions: their two queues, the state machine that attaches wires to them, and the way of a frame through them. */
@NullMarked
package dev.polywire.session;

import org.jspecify.annotations.NullMarked;
