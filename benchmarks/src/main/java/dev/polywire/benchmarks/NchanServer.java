package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Posts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** nginx with Nchan, in one process. It is published to by POSTs from here, at the same pace as elsewhere. */
final class NchanServer extends ServerProcess {
    private static final String CONFIGURATION = """
            load_module %s;
            daemon off;
            master_process off;
            pid %2$s/nginx.pid;
            error_log %2$s/error.log warn;
            events { worker_connections 40000; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path %2$s/body;
              proxy_temp_path %2$s/proxy;
              fastcgi_temp_path %2$s/fastcgi;
              uwsgi_temp_path %2$s/uwsgi;
              scgi_temp_path %2$s/scgi;
              nchan_shared_memory_size 256m;
              server {
                listen 127.0.0.1:%3$d backlog=4096;
                location = /pub {
                  nchan_publisher;
                  nchan_channel_id $arg_channel;
                  nchan_message_buffer_length 1000;
                  nchan_message_timeout 30s;
                }
                location = /sub {
                  nchan_subscriber;
                  nchan_channel_id $arg_channel;
                  nchan_subscriber_first_message newest;
                }
              }
            }
            """;

    private final int port;
    private final Posts posts;

    private NchanServer(Process process, List<String> command, int port) throws IOException {
        super(process, command);
        this.port = port;
        posts = new Posts(port);
    }

    /** Returns the module's file, or null when it or nginx is not there. */
    static @Nullable Path module() throws IOException {
        if (!Servers.onPath("nginx") && !Files.isExecutable(Path.of("/usr/sbin/nginx"))) {
            return null;
        }
        for (String folder : List.of("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")) {
            if (Files.isDirectory(Path.of(folder))) {
                try (Stream<Path> files = Files.list(Path.of(folder))) {
                    Path found = files.filter(file -> file.toString().endsWith("nchan_module.so"))
                            .findFirst()
                            .orElse(null);
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return null;
    }

    static ServerProcess start(List<String> pinning, Path work) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path folder = Files.createDirectories(work.resolve("nginx-" + port)).toAbsolutePath();
        Path file = folder.resolve("nginx.conf");
        Files.writeString(file, CONFIGURATION.formatted(module(), folder, port));
        List<String> command = new ArrayList<>(pinning);
        command.add(Servers.onPath("nginx") ? "nginx" : "/usr/sbin/nginx");
        command.addAll(List.of("-c", file.toString(), "-p", folder.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        work.resolve("nchan.log").toFile()))
                .start();
        for (int i = 0; i < 100 && process.isAlive(); i++) {
            try (Socket ready = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return new NchanServer(process, command, ready.getPort());
            } catch (IOException e) {
                Publishing.pause(0.1);
            }
        }
        process.destroyForcibly();
        throw new IOException("nginx could not be started; " + work.resolve("nchan.log") + " may say why.");
    }

    @Override
    int port() {
        return port;
    }

    @Override
    void publish(double rate, int channels, int size) {
        posts.start(rate, channels, size);
    }

    @Override
    long stop() {
        return posts.stop();
    }

    @Override
    long published() {
        return posts.published();
    }

    @Override
    long allocated() {
        return -1;
    }

    @Override
    long heap() {
        return -1;
    }

    @Override
    public void close() {
        posts.stop();
        super.close();
    }
}
