/** Ready-made answers to who is who and who may do what, for applications to construct. */
@NullMarked
package dev.polywire.auth;

import org.jspecify.annotations.NullMarked;
