package dev.polywire.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** A certificate that vouches for itself, made with the JDK's keytool, as a key store and as PEM files. */
public record SelfSigned(Path keyStore, Path certificate, Path key) {
    /** Opens the key store. */
    public static final String PASSWORD = "changeit";

    /** Makes one for 127.0.0.1; its files are in the folder. */
    public static SelfSigned in(Path folder) {
        return in(folder, "ip:127.0.0.1,dns:localhost");
    }

    /** Makes one for other hosts, which are written as {@code dns:name,ip:address}. */
    public static SelfSigned in(Path folder, String hosts) {
        Path store = folder.resolve("server.p12");
        try {
            keytool(
                    "-genkeypair",
                    "-keystore",
                    store.toString(),
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    PASSWORD,
                    "-alias",
                    "server",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "san=" + hosts,
                    "-validity",
                    "2");
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            byte[] key = keys.getKey("server", PASSWORD.toCharArray()).getEncoded();
            byte[] certificate = keys.getCertificate("server").getEncoded();
            return new SelfSigned(
                    store,
                    pem(folder.resolve("server.pem"), "CERTIFICATE", certificate),
                    pem(folder.resolve("key.pem"), "PRIVATE KEY", key));
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError("No certificate", e);
        }
    }

    private static Path pem(Path file, String what, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private static void keytool(String... arguments) throws IOException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        String[] command = new String[arguments.length + 1];
        command[0] = tool.toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
