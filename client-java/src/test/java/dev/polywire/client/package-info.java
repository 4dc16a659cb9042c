/** Tests of the Java client. */
@org.jspecify.annotations.NullMarked
package dev.polywire.client;
