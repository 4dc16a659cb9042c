/** A real Redis for tests and demos that needs no installation. */
@NullMarked
package dev.polywire.cluster.redis.server;

import org.jspecify.annotations.NullMarked;
