@NullMarked
package dev.polywire.auth;

import org.jspecify.annotations.NullMarked;
