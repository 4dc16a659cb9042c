/** Tests that need all transports at once. */
@NullMarked
package dev.polywire.integration;

import org.jspecify.annotations.NullMarked;
