package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The endpoint for tickets, with an authenticator that answers in its own time and place. */
class TicketEndpointTest {

    @Test
    @DisplayName("R73 the answer is written on the request's loop, wherever the authenticator answers")
    void elsewhere() {
        Vertx vertx = Vertx.vertx();
        Realtime realtime = Realtime.create(vertx, new RealtimeOptions().transports(List.of("none")));
        Promise<Principal> answer = Promise.promise();
        Promise<Boolean> asked = Promise.promise();
        realtime.authenticator((token, who) -> {
            // In a turn after this one, when somebody waits for the answer.
            vertx.runOnContext(later -> asked.complete(true));
            return answer.future();
        });
        realtime.transport(new Transport() {
            @Override
            public String name() {
                return "none";
            }

            @Override
            public void mount(Router router, SessionGateway gateway) {}
        });
        CompletableFuture<Boolean> here = new CompletableFuture<>();
        Router router = Router.router(vertx);
        router.route().handler(request -> {
            Thread loop = Thread.currentThread();
            request.addHeadersEndHandler(written -> here.complete(Thread.currentThread() == loop));
            request.next();
        });
        realtime.mount(router);
        HttpServer server = Await.get(
                "a port", vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
        var client = vertx.createHttpClient();
        var reply = client.request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/realtime/ticket")
                .compose(request ->
                        request.putHeader("Authorization", "Bearer x").send());
        Await.get("the question", asked.future());
        answer.complete(Principal.of("ann"));
        assertThat(Await.get("an answer", reply).statusCode()).isEqualTo(200);
        assertThat(here).isCompletedWithValue(true);
        Await.get("the end", realtime.close().compose(closed -> vertx.close()).map(true));
    }
}
