/** The session's machines, and a simulation of them against the kit's client. */
@NullMarked
package dev.polywire.session;

import org.jspecify.annotations.NullMarked;
