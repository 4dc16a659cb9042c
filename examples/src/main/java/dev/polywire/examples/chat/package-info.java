/** A chat: rooms, direct messages, who is there, who is typing, and what is unread. */
@NullMarked
package dev.polywire.examples.chat;

import org.jspecify.annotations.NullMarked;
