package dev.polywire.client;

import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How an engine is set up. */
record EngineSetup(
        String client,
        @Nullable Object capabilities,
        long welcomeTimeout,
        @Nullable String token,
        @Nullable Supplier<Future<@Nullable String>> tokens) {}
