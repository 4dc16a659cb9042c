package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Ten thousand polls whose clients are not there any more, or never were: they wait, and others do not wait for them. */
class HalfOpenPollsTest {
    private static final int POLLS = 10_000;

    /** Far more than one costs (a connection of Vert.x, a request, a reader), and far less than would hurt. */
    private static final long EACH = 64 * 1024;

    private final Prey prey = new Prey(Prey.places(Prey.options(), 100, POLLS));
    private final List<SocketChannel> polls = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        letGo();
        prey.close();
    }

    /** Both ends of each are in this process: two descriptors. */
    private static int affordable() {
        long most = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount()
                : 8000;
        return (int) Math.min(POLLS, (most - 1000) / 2);
    }

    private void poll(String request) throws IOException {
        SocketChannel channel = SocketChannel.open();
        polls.add(channel);
        // Closed by a reset: ten thousand ports that wait for their time would be missing elsewhere.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.connect(new InetSocketAddress("127.0.0.1", prey.port));
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    }

    private void letGo() throws IOException {
        for (SocketChannel channel : polls) {
            channel.close();
        }
        polls.clear();
    }

    private static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    @DisplayName("thousands of bare polls that nobody reads wait at a price, others go on, and all of it is let go of")
    void bare() throws IOException {
        int count = affordable();
        assertThat(count).isGreaterThan(1000);
        long before = used();
        for (int i = 0; i < count; i++) {
            poll(RawPeer.request("GET /realtime/poll?channel=room:" + i % 100, ""));
            if (i % 1000 == 0) {
                prey.tell();
            }
        }
        Await.until(
                "all of them",
                Duration.ofSeconds(60),
                () -> prey.realtime.stats().getInteger("bareReaders") == count);
        prey.unharmed();
        assertThat((used() - before) / count).isLessThan(EACH);
        letGo();
        prey.alone();
        prey.unharmed();
    }

    @Test
    @DisplayName("R11 thousands of polls of one session: the newest waits, and each one before it was answered")
    void ofOneSession() throws IOException {
        JsonObject welcome;
        try (RawPeer peer = new RawPeer(prey.port)) {
            peer.write(RawPeer.request(
                    "POST /realtime/poll", "{\"type\":\"hello\",\"versions\":[1]}", "Connection: close"));
            String reply = peer.rest();
            welcome = new JsonArray(reply.substring(reply.indexOf("\r\n\r\n") + 4)).getJsonObject(0);
        }
        int count = Math.min(3000, affordable());
        for (int i = 1; i <= count; i++) {
            poll(RawPeer.request(
                    "GET /realtime/poll",
                    "",
                    "Polywire-Session: " + welcome.getString("session"),
                    "Polywire-Secret: " + welcome.getString("secret"),
                    "Polywire-Attach: " + i));
        }
        prey.unharmed();
        for (SocketChannel replaced : polls.subList(0, count - 1)) {
            ByteBuffer reply = ByteBuffer.allocate(12);
            while (reply.hasRemaining() && replaced.read(reply) >= 0) {
                // The head's first bytes say it.
            }
            // Two connections are read in no order: one that comes late is stale.
            assertThat(new String(reply.array(), StandardCharsets.US_ASCII)).isIn("HTTP/1.1 200", "HTTP/1.1 409");
        }
        assertThat(prey.realtime.stats().getInteger("sessions")).isEqualTo(4);
    }
}
