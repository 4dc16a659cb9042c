/** What transports over HTTP share: reading requests, answering refusals, origins, and the uplink by POST. */
@NullMarked
package dev.polywire.spi.http;

import org.jspecify.annotations.NullMarked;
