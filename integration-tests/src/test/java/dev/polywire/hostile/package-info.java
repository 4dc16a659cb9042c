/** Peers that mean harm: fuzzed input, floods, slow peers, bombs and foreign pages, against servers over sockets. */
@NullMarked
package dev.polywire.hostile;

import org.jspecify.annotations.NullMarked;
