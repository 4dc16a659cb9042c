package dev.polywire.benchmarks;

import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Two nodes and their Redis, each a process of its own: one node is published at, clients connect to the other. */
final class NodesServer extends ServerProcess {
    /** The node that is published at. */
    static final String PUBLISHER = "publisher";

    static final String REDIS = "redis";

    /** The node that clients are connected to. */
    static final String SUBSCRIBERS = "subscribers";

    private final RedisServer redis;
    private final ServerProcess publisher;
    private final ServerProcess subscribers;

    /** Starts a node. */
    interface Start {
        /** Starts one at a Redis, and waits until it listens. */
        ServerProcess at(String redis) throws IOException;
    }

    private NodesServer(RedisServer redis, ServerProcess publisher, ServerProcess subscribers) {
        super(subscribers);
        this.redis = redis;
        this.publisher = publisher;
        this.subscribers = subscribers;
    }

    /** Starts all three; on the servers' core when they are pinned to one. */
    static ServerProcess start(boolean pinning, Start publisher, Start subscribers) throws IOException {
        RedisServer redis = RedisServer.standalone(false);
        ServerProcess first = null;
        try {
            if (pinning) {
                pin(redis.node());
            }
            String uri = redis.endpoints().get(0);
            first = publisher.at(uri);
            return new NodesServer(redis, first, subscribers.at(uri));
        } catch (IOException e) {
            if (first != null) {
                first.close();
            }
            redis.close();
            throw e;
        }
    }

    private static void pin(Node node) throws IOException {
        try {
            new ProcessBuilder("taskset", "-a", "-c", "-p", "0", Long.toString(node.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private List<ServerProcess> nodes() {
        return List.of(publisher, subscribers);
    }

    @Override
    int port() {
        return subscribers.port();
    }

    @Override
    void publish(double rate, int channels, int size) throws IOException {
        publisher.publish(rate, channels, size);
    }

    @Override
    long stop() throws IOException {
        return publisher.stop();
    }

    @Override
    long published() throws IOException {
        return publisher.published();
    }

    @Override
    long allocated() throws IOException {
        return publisher.allocated() + subscribers.allocated();
    }

    @Override
    long heap() throws IOException {
        return publisher.heap() + subscribers.heap();
    }

    @Override
    void beginProfile() throws IOException {
        subscribers.beginProfile();
    }

    @Override
    void endProfile() throws IOException {
        subscribers.endProfile();
    }

    @Override
    Map<String, Long> parts() throws IOException {
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put(PUBLISHER, publisher.processorNanos());
        parts.put(REDIS, processorNanosOf(redis.node().pid()));
        parts.put(SUBSCRIBERS, subscribers.processorNanos());
        return parts;
    }

    @Override
    long processorNanos() throws IOException {
        return parts().values().stream().mapToLong(nanos -> nanos).sum();
    }

    @Override
    long compilerNanos() throws IOException {
        long sum = 0;
        for (ServerProcess node : nodes()) {
            sum += node.compilerNanos();
        }
        return sum;
    }

    @Override
    long resident() throws IOException {
        return publisher.resident()
                + subscribers.resident()
                + residentOf(redis.node().pid());
    }

    @Override
    public void close() {
        publisher.close();
        super.close();
        redis.close();
    }
}
