package dev.polywire.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Chromium's processes, with a profile of their own that goes with them. */
record ChromiumProcess(Process process, Path profile) {
    private static final String LISTENING = "DevTools listening on ";

    static ChromiumProcess start(Path program) throws IOException {
        Path profile = Files.createTempDirectory("polywire-chromium");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new ChromiumProcess(process, profile);
    }

    /** Ends it and whatever it has started, and removes its profile. */
    void end() throws IOException {
        List<ProcessHandle> children = process.descendants().toList();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
        try (var files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    /** Reads where it listens, and goes on reading so that it never blocks on a full pipe. */
    CompletableFuture<String> endpoint() {
        CompletableFuture<String> endpoint = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try (var lines = new BufferedReader(
                            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            if (line.startsWith(LISTENING)) {
                                endpoint.complete(
                                        line.substring(LISTENING.length()).trim());
                            }
                        }
                    } catch (IOException e) {
                        // The process has gone.
                    }
                    endpoint.completeExceptionally(new IOException("Chromium did not start"));
                },
                "chromium-stderr");
        reader.setDaemon(true);
        reader.start();
        return endpoint;
    }
}
