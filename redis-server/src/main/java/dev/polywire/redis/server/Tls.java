package dev.polywire.redis.server;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The certificate that servers show, and that they expect of each other; as PEM files. Clients need none. A port without TLS stays open on loopback, over which tests steer the servers.
 *
 * @param certificate for 127.0.0.1; vouches for itself
 * @param key its private key
 */
public record Tls(Path certificate, Path key) {
    /** Returns the settings of a server, or a sentinel. */
    Map<String, String> settings(int port) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("tls-port", Integer.toString(port));
        settings.put("tls-cert-file", certificate.toString());
        settings.put("tls-key-file", key.toString());
        settings.put("tls-ca-cert-file", certificate.toString());
        settings.put("tls-auth-clients", "no");
        settings.put("tls-replication", "yes");
        settings.put("tls-cluster", "yes");
        return settings;
    }
}
