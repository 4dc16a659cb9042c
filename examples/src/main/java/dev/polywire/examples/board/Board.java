package dev.polywire.examples.board;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.examples.shared.Demo;
import dev.polywire.examples.shared.DemoHttp;
import dev.polywire.examples.shared.DemoPages;
import dev.polywire.examples.shared.DemoSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.function.LongSupplier;

/** The collaborative board: an HTTP server with its page, and the engine that carries its documents. */
public final class Board implements Demo {
    /** What a frame holds beside an update. */
    private static final int ENVELOPE = 16 * 1024;

    private final Realtime realtime;
    private final HttpServer server;
    private final Boards boards;

    private Board(Realtime realtime, HttpServer server, Boards boards) {
        this.realtime = realtime;
        this.server = server;
        this.boards = boards;
    }

    /**
     * Starts a board.
     *
     * @param vertx where it runs
     * @param settings where it is served; it keeps nothing in Redis
     * @return completes when the server listens
     */
    public static Future<Board> start(Vertx vertx, DemoSettings settings) {
        return start(vertx, settings, () -> System.nanoTime() / 1_000_000);
    }

    /** The same by another clock, which tells milliseconds since some moment. */
    static Future<Board> start(Vertx vertx, DemoSettings settings, LongSupplier clock) {
        RealtimeOptions options = options();
        Realtime realtime = Realtime.create(vertx, options);
        Boards boards = new Boards(clock);
        realtime.channels().handler(Boards.NAMESPACE, boards);
        Router router = Router.router(vertx);
        realtime.mount(router);
        DemoPages.mount(router, "board", "Polywire board", options);
        HttpServerOptions http = options.applyTo(DemoHttp.options(settings.host(), settings.port()));
        return realtime.ready()
                .compose(ready ->
                        vertx.createHttpServer(http).requestHandler(router).listen())
                .map(server -> new Board(realtime, server, boards))
                .recover(failure -> realtime.close().transform(done -> Future.failedFuture(failure)));
    }

    /**
     * Whoever has the page may write. A frame has room for a whole board, which a page may have to bring back, and a session's
     * window for all that is kept of one.
     */
    private static RealtimeOptions options() {
        int frame = UpdateLog.MOST + ENVELOPE;
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions()
                        .frame(frame)
                        .post(2 * frame)
                        .window(2 * UpdateLog.MOST)
                        .outbox(4 * UpdateLog.MOST))
                .namespace(
                        Boards.NAMESPACE,
                        new ChannelOptions().presence(true).publish(ChannelOptions.Publishers.SUBSCRIBERS));
    }

    @Override
    public int port() {
        return server.actualPort();
    }

    @Override
    public Future<Void> close() {
        return realtime.close().transform(done -> server.close());
    }

    /** Returns what is kept of a board. */
    List<String> updates(String name) {
        return boards.updates(Boards.NAMESPACE + ":" + name);
    }
}
