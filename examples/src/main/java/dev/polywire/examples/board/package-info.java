/** The collaborative board: sticky notes and a text that several people write at the same time, merged by Yjs. */
@NullMarked
package dev.polywire.examples.board;

import org.jspecify.annotations.NullMarked;
