/** What an application sees: the engine, its options, sessions, channels, presence and the rules of who may do what. */
@NullMarked
package dev.polywire;

import org.jspecify.annotations.NullMarked;
