/** Sessions over WebSocket (RFC 6455). */
@NullMarked
package dev.polywire.transport.websocket;

import org.jspecify.annotations.NullMarked;
