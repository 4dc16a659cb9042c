/** Tests of the ready-made authenticators. */
@NullMarked
package dev.polywire.auth;

import org.jspecify.annotations.NullMarked;
