/**
 * Polywire's client for Java: {@link dev.polywire.client.PolywireClient} opens one session and keeps it over WebSocket, Server-Sent
 * Events or long polling, changing between them without loss, repeat or disorder.
 */
@NullMarked
package dev.polywire.client;

import org.jspecify.annotations.NullMarked;
