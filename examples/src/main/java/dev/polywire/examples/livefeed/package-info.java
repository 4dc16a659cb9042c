/** The live feed: this machine's own metrics, or lines of text, drawn in a browser over whichever wire works. */
@NullMarked
package dev.polywire.examples.livefeed;

import org.jspecify.annotations.NullMarked;
