/** Help for tests, whatever they test. Published with the conformance kit in core's test-jar. */
@NullMarked
package dev.polywire.testing;

import org.jspecify.annotations.NullMarked;
