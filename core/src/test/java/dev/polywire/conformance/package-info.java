/**
 * The conformance kit: what every transport has to pass, a reference client of protocol 1, and a proxy that behaves badly.
 *
 * <p>Published as core's test-jar. A transport's author extends {@link dev.polywire.conformance.TransportConformance}.
 */
@NullMarked
package dev.polywire.conformance;

import org.jspecify.annotations.NullMarked;
