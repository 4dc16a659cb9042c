/** Several nodes behind one Redis: messages, history and presence everywhere, and no sticky sessions. */
@NullMarked
package dev.polywire.cluster.redis;

import org.jspecify.annotations.NullMarked;
