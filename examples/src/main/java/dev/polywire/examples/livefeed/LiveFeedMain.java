package dev.polywire.examples.livefeed;

import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Charts of this machine, or lines of a file, live in a browser while wires change and break. */
public final class LiveFeedMain {
    private LiveFeedMain() {}

    /**
     * Starts the live feed.
     *
     * @param arguments see {@link LiveFeedSettings#HELP}
     */
    public static void main(String[] arguments) {
        if (LiveFeedSettings.wantsHelp(arguments)) {
            System.out.print(LiveFeedSettings.HELP);
            return;
        }
        LiveFeedSettings settings;
        try {
            settings = LiveFeedSettings.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println("./demo live-feed --help tells more.");
            System.exit(2);
            return;
        }
        Vertx vertx = Vertx.vertx(vertxOptions());
        LiveFeed.start(vertx, settings).onComplete(started -> {
            if (started.succeeded()) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started.result())));
                System.out.print(greeting(
                        settings, started.result().port(), started.result().channel()));
                System.out.print(addresses(started.result().nodes()));
            } else {
                System.err.println(trouble(settings, started.cause()));
                System.exit(1);
            }
        });
    }

    static VertxOptions vertxOptions() {
        return new VertxOptions().setPreferNativeTransport(true);
    }

    /** Tells the pages before the process goes, so that they need not find out. */
    private static void stop(LiveFeed feed) {
        try {
            feed.close().toCompletionStage().toCompletableFuture().get(3, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // They will find out.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static String greeting(LiveFeedSettings settings, int port, String channel) {
        String url = "http://" + shown(settings.host()) + ":" + port;
        String text = """

                Polywire live feed: open %1$s

                The same without a browser:
                  curl -N '%1$s/realtime/sse?channel=%2$s'
                  curl '%1$s/realtime/poll?channel=%2$s'

                """.formatted(url, channel);
        return loopback(settings.host())
                ? text
                : text + "Whoever reaches this machine on port " + port + " can see the feed.\n\n";
    }

    /** Tells where the single nodes are, and their Redis; nothing when there is one. */
    static String addresses(Nodes nodes) {
        RedisServer redis = nodes.redis();
        if (redis == null) {
            return "";
        }
        StringBuilder text = new StringBuilder(
                "That is a proxy. Each request goes to the next of these nodes, whichever session it belongs to:\n");
        nodes.nodes()
                .forEach(node ->
                        text.append("  http://localhost:").append(node.port()).append('\n'));
        return text.append("Their Redis: ")
                .append(String.join(", ", redis.endpoints()))
                .append(
                        "\nThe nodes share this process: they begin and end together. docs/operations.md tells what happens when one dies.")
                .append("\n\n")
                .toString();
    }

    static String trouble(LiveFeedSettings settings, Throwable cause) {
        // Native sockets fail with an exception of Netty's own; what the system says is in the text of either.
        String said = cause instanceof IOException ? String.valueOf(cause.getMessage()) : "";
        if (said.contains("assign") || cause instanceof UnknownHostException) {
            return "--host must be an address of this machine, such as 127.0.0.1 or 0.0.0.0, not " + settings.host()
                    + ".";
        }
        if (said.contains("in use")) {
            return "Port " + settings.port() + " of " + settings.host()
                    + " cannot be taken: something else listens there. Try another with --port, or --port 0 for a free one.";
        }
        return "The live feed could not be started: " + cause.getMessage();
    }

    private static String shown(String host) {
        if (loopback(host) || host.equals("0.0.0.0") || host.equals("::")) {
            return "localhost";
        }
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static boolean loopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
