package dev.polywire.examples.shared;

import dev.polywire.RealtimeOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.Locale;
import java.util.Map;

/** Serves a demo's pages, and what all demos share, with the headers that keep a page to itself. */
public final class DemoPages {
    /** Scripts, styles and pictures of the demo alone; no frames around it, nothing inline. */
    static final String POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
            + " form-action 'self'; frame-ancestors 'none'";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", POLICY,
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin");

    private DemoPages() {}

    /**
     * Serves {@code /demo.json}, {@code /shared/*}, {@code /webjars/*} and the files of the demo. Mount what has an
     * address of its own before.
     *
     * @param router where
     * @param folder of the class path, such as {@code chat}
     * @param title what {@code /demo.json} tells as the demo's title
     * @param options of the engine, for its path and transports
     */
    public static void mount(Router router, String folder, String title, RealtimeOptions options) {
        JsonObject about = new JsonObject()
                .put("name", folder)
                .put("title", title)
                .put("path", options.path())
                .put("transports", options.transports());
        router.route().method(HttpMethod.GET).method(HttpMethod.HEAD).handler(DemoPages::guard);
        router.route().handler(DemoPages::inside);
        router.get("/demo.json").handler(context -> context.json(about));
        files(
                router,
                "/shared/*",
                StaticHandler.create("shared").setCachingEnabled(false).setIndexPage("none"));
        files(router, "/webjars/*", StaticHandler.create("META-INF/resources/webjars"));
        files(router, "/*", StaticHandler.create(folder).setCachingEnabled(false));
    }

    private static void files(Router router, String path, StaticHandler files) {
        // One route for both: what neither of two has would be answered 405.
        router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(files);
    }

    /**
     * Gives the answers of a demo's HTTP API the same headers. Mount it before the API.
     *
     * @param router where
     */
    public static void guardApi(Router router) {
        router.route("/api/*").handler(DemoPages::guard);
    }

    private static void inside(RoutingContext context) {
        String path = String.valueOf(context.request().path()).toLowerCase(Locale.ROOT);
        if (path.contains("%2f") || path.contains("%5c")) {
            // No file has such a name; a way out of a folder may.
            context.fail(404);
        } else {
            context.next();
        }
    }

    private static void guard(RoutingContext context) {
        HEADERS.forEach(context.response()::putHeader);
        // Pages are asked for again each time: a demo that was changed is seen at once.
        context.response().putHeader("Cache-Control", "no-cache");
        context.next();
    }
}
