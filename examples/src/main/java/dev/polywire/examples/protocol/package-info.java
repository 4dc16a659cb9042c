/** The protocol as a page: its frames from the AsyncAPI document, its rules from the specification. */
@NullMarked
package dev.polywire.examples.protocol;

import org.jspecify.annotations.NullMarked;
