package dev.polywire.examples.shared;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;

/**
 * Runs a demo from a command line.
 *
 * @param name the demo's name on the command line
 * @param title what people call it, such as {@code Polywire chat}
 * @param purpose what it does, in a sentence
 * @param memory what becomes of what it keeps in memory, in a sentence
 * @param redis whether it can keep it in a Redis instead
 */
public record DemoProgram(String name, String title, String purpose, String memory, boolean redis) {

    /** A demo that keeps everything in Redis when it is told of one. */
    public DemoProgram(String name, String title, String purpose) {
        this(
                name,
                title,
                purpose,
                "Everything is kept in memory, and gone when this ends; --redis URL keeps it.",
                true);
    }

    /** A demo that keeps nothing in Redis. */
    public DemoProgram(String name, String title, String purpose, String memory) {
        this(name, title, purpose, memory, false);
    }

    /**
     * Starts the demo, and says where it is; or says what is wrong and ends the process.
     *
     * @param arguments the command line
     * @param start starts it; fails with a sentence
     */
    public void run(String[] arguments, BiFunction<Vertx, DemoSettings, ? extends Future<? extends Demo>> start) {
        if (DemoSettings.wantsHelp(arguments)) {
            System.out.print(DemoSettings.help(name, purpose, redis));
            return;
        }
        DemoSettings settings;
        try {
            settings = settings(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println("./demo " + name + " --help tells more.");
            System.exit(2);
            return;
        }
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        start.apply(vertx, settings).onComplete(started -> {
            if (started.succeeded()) {
                Demo demo = started.result();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(demo)));
                System.out.print(greeting(settings, demo.port()));
            } else {
                System.err.println(trouble(settings, started.cause()));
                System.exit(1);
            }
        });
    }

    DemoSettings settings(String... arguments) {
        DemoSettings settings = DemoSettings.parse(arguments);
        if (settings.redis() != null && !redis) {
            throw new IllegalArgumentException("There is no --redis here. " + memory);
        }
        return settings;
    }

    /** Tells the pages before the process goes, so that they need not find out. */
    private static void stop(Demo demo) {
        try {
            demo.close().toCompletionStage().toCompletableFuture().get(3, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // They will find out.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String greeting(DemoSettings settings, int port) {
        boolean loopback = loopback(settings.host());
        return "\n" + title + ": open http://" + shown(settings.host()) + ":" + port + "\n"
                + (settings.redis() == null ? memory + "\n" : "Everything is kept in Redis.\n")
                + (loopback ? "\n" : "Whoever reaches this machine on port " + port + " can sign in.\n\n");
    }

    String trouble(DemoSettings settings, Throwable cause) {
        // Native sockets fail with an exception of Netty's own; what the system says is in the text of either.
        String said = cause instanceof IOException ? String.valueOf(cause.getMessage()) : "";
        if (said.contains("assign") || cause instanceof UnknownHostException) {
            return "--host must be an address of this machine, such as 127.0.0.1 or 0.0.0.0, not " + settings.host()
                    + ".";
        }
        if (said.contains("in use")) {
            return "Port " + settings.port() + " of " + settings.host()
                    + " cannot be taken: something else listens there. Try another with --port, or --port 0 for a free"
                    + " one.";
        }
        return title + " could not be started: " + cause.getMessage();
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
