package dev.polywire.benchmarks.server;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * The server process of a JVM peer: one event loop. It says {@code ready PORT}, and then answers each line of its standard
 * input with one of its own; when that ends, it ends.
 */
public final class ServerMain {
    private ServerMain() {}

    /**
     * Starts a server.
     *
     * @param arguments the peer's name, then {@code name=value} settings
     * @throws Exception when it cannot be started
     */
    public static void main(String[] arguments) throws Exception {
        Properties settings = new Properties();
        for (int i = 1; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            settings.setProperty(pair[0], pair.length > 1 ? pair[1] : "true");
        }
        Vertx vertx = Vertx.builder()
                .with(new VertxOptions().setEventLoopPoolSize(1))
                .withTransport(transport(settings.getProperty("io", "epoll")))
                .build();
        Target target = target(arguments[0], vertx, settings);
        Context context = vertx.getOrCreateContext();
        Pacer pacer = new Pacer(vertx, target);
        CompletableFuture<Integer> port = new CompletableFuture<>();
        context.runOnContext(turn -> target.start().onSuccess(port::complete).onFailure(port::completeExceptionally));
        System.out.println("ready " + port.get());
        serve(context, pacer);
        System.exit(0);
    }

    private static Transport transport(String name) {
        Transport wanted = switch (name) {
            case "epoll" -> Transport.EPOLL;
            case "io_uring" -> Transport.IO_URING;
            case "nio" -> Transport.NIO;
            default -> throw new IllegalArgumentException("There is no transport called " + name + ".");
        };
        if (wanted != null && wanted.available()) {
            return wanted;
        }
        System.err.println(name + " is not available here; NIO it is.");
        return Transport.NIO;
    }

    private static Target target(String name, Vertx vertx, Properties settings) {
        return switch (name) {
            case "polywire" -> new PolywireTarget(vertx, settings);
            case "vertx" -> new VertxTarget(vertx);
            case "sockjs" -> new SockJsTarget(vertx);
            default -> throw new IllegalArgumentException("There is no server called " + name + ".");
        };
    }

    private static void serve(Context context, Pacer pacer) throws IOException, ExecutionException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.trim().split(" ");
            switch (words[0]) {
                case "start" -> {
                    on(context, () -> {
                        pacer.start(
                                Double.parseDouble(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
                        return 0;
                    });
                    System.out.println("started");
                }
                case "stop" -> System.out.println("stopped " + on(context, pacer::stop));
                case "published" -> System.out.println("published " + on(context, pacer::published));
                case "allocated" -> System.out.println("allocated " + allocated());
                case "profile" -> System.out.println("profiling " + Profile.begin());
                case "profiled" -> System.out.println("profiled " + Profile.end(Path.of(words[1])));
                case "heap" -> System.out.println("heap " + heapAfterCollection());
                case "quit" -> {
                    return;
                }
                default -> System.out.println("unknown " + words[0]);
            }
        }
    }

    private static <T> T on(Context context, Supplier<T> task) throws ExecutionException {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(turn -> {
            try {
                done.complete(task.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            return done.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Bytes that all threads that live now have ever allocated. */
    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            sum += Math.max(bytes, 0);
        }
        return sum;
    }

    private static long heapAfterCollection() {
        // Twice: what has a cleaner is freed by the second.
        System.gc();
        System.gc();
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return heap.getUsed();
    }
}
