/** Token buckets. */
@NullMarked
package dev.polywire.limit;

import org.jspecify.annotations.NullMarked;
