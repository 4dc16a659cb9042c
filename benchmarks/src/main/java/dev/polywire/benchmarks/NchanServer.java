package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Posts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** nginx with Nchan, in one process. */
final class NchanServer {
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

    private NchanServer() {}

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
        int port = PostedServer.freePort();
        Path folder = Files.createDirectories(work.resolve("nginx-" + port)).toAbsolutePath();
        Path file = folder.resolve("nginx.conf");
        Files.writeString(file, CONFIGURATION.formatted(module(), folder, port));
        List<String> command = new ArrayList<>(pinning);
        command.add(Servers.onPath("nginx") ? "nginx" : "/usr/sbin/nginx");
        command.addAll(List.of("-c", file.toString(), "-p", folder.toString()));
        return PostedServer.start(
                new ProcessBuilder(command),
                port,
                Posts.NCHAN,
                work.resolve("nchan.log").toFile());
    }
}
