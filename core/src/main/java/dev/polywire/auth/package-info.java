/** Ready-made answers to who somebody is and what they may do, which an application constructs and combines. */
@NullMarked
package dev.polywire.auth;

import org.jspecify.annotations.NullMarked;
