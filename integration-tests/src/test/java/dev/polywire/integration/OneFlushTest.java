package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.spi.http.NettyChannels;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is published within a turn of the event loop reaches each connection in one write and one flush, from shared bytes. */
class OneFlushTest {
    private final Wires wires = new Wires();
    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
    private final List<Long> writes = new CopyOnWriteArrayList<>();
    private final AtomicInteger flushes = new AtomicInteger();

    @AfterEach
    void close() {
        wires.close();
    }

    /** Sits at the head of a server's pipeline and counts the messages that pass; acknowledgements have their own time. */
    private final class Counter extends ChannelOutboundHandlerAdapter {
        private boolean unflushed;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
            if (message instanceof ByteBuf bytes
                    && bytes.toString(StandardCharsets.UTF_8).contains("\"message\"")) {
                writes.add(bytes.memoryAddress() + bytes.readerIndex());
                unflushed = true;
            }
            super.write(context, message, promise);
        }

        @Override
        public void flush(ChannelHandlerContext context) throws Exception {
            if (unflushed) {
                flushes.incrementAndGet();
                unflushed = false;
            }
            super.flush(context);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse"})
    @DisplayName(
            "five publishes in a turn are one write and one flush for each of three subscribers, of the same memory")
    void oneFlush(String wire) {
        Realtime realtime = Realtime.create(
                wires.vertx, new RealtimeOptions().allowAnonymous(true).namespace("room", new ChannelOptions()));
        int port = wires.serve(realtime.options(), router -> {
            router.route().handler(context -> {
                ChannelHandlerContext http = NettyChannels.of(context.request().connection());
                channels.add(Objects.requireNonNull(http, "a channel").channel());
                context.next();
            });
            realtime.mount(router);
        });
        List<ReferenceClient> clients =
                List.of(wires.client(wire, port), wires.client(wire, port), wires.client(wire, port));
        for (ReferenceClient client : clients) {
            client.connect();
            client.ask(Wires.subscribe("s", "room:1"));
        }
        Promise<Void> published = Promise.promise();
        Channel any = channels.iterator().next();
        any.eventLoop().execute(() -> {
            channels.forEach(channel -> channel.pipeline().addFirst(new Counter()));
            for (int i = 1; i <= 5; i++) {
                realtime.channels().publish("room:1", "n", i);
            }
            published.complete();
        });
        Await.get("the publishes", published.future());
        for (ReferenceClient client : clients) {
            client.await("the last message", frame -> Integer.valueOf(5).equals(frame.getValue("payload")));
        }
        assertThat(writes).hasSize(3);
        assertThat(Set.copyOf(writes)).as("shared memory").hasSize(1);
        assertThat(flushes.get()).isEqualTo(3);
    }
}
