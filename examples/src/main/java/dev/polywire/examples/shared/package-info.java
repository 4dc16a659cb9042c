/** What the demos with people in them have in common: their command line, their pages, and who signs in. */
@NullMarked
package dev.polywire.examples.shared;

import org.jspecify.annotations.NullMarked;
