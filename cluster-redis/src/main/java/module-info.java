/** Several nodes behind one Redis. */
module dev.polywire.cluster.redis {
    requires transitive dev.polywire;
    requires io.vertx.redis.client;
    requires static transitive io.vertx.healthcheck;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.polywire.cluster.redis;
}
