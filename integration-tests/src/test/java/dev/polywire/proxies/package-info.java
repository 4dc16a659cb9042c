/** The proxies that docs/operations.md shows, in front of two nodes. */
@NullMarked
package dev.polywire.proxies;

import org.jspecify.annotations.NullMarked;
