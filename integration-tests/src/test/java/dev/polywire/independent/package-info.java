/** A small client and its tests, written from {@code docs/protocol.md} alone: if it works, the page suffices. */
package dev.polywire.independent;
