/** What becomes of the messages when nodes, Redis, or the way between them fail: counted by clients under load. */
@NullMarked
package dev.polywire.faults;

import org.jspecify.annotations.NullMarked;
