/** A real Redis for tests and demos, which needs no installation. */
module dev.polywire.redis.server {
    requires static org.jspecify;

    exports dev.polywire.redis.server;
}
