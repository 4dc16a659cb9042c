package dev.polywire.benchmarks.load;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One connection to the server. */
final class Link {
    private static final byte[] NOTHING = new byte[0];

    /** More than a server may send in one piece: its largest reply to a poll is its largest outbox. */
    private static final int MOST_KEPT = 4 << 20;

    private final Generator generator;
    private final SocketChannel channel;
    private final Framing framing;
    private final Owner owner;
    private @Nullable SelectionKey key;
    private byte[] first;
    private byte[] kept = NOTHING;
    private int keptLength;
    private @Nullable ByteBuffer pending;
    private boolean open;
    private boolean closed;
    private boolean stalled;

    Link(Generator generator, SocketChannel channel, Framing framing, Owner owner, byte[] first) {
        this.generator = generator;
        this.channel = channel;
        this.framing = framing;
        this.owner = owner;
        this.first = first;
    }

    Owner owner() {
        return owner;
    }

    boolean isClosed() {
        return closed;
    }

    void registered(SelectionKey by) {
        key = by;
    }

    /** Something can be done: called with the operations that the selector found ready. */
    void selected(int operations) {
        if (closed) {
            return;
        }
        try {
            if ((operations & SelectionKey.OP_CONNECT) != 0) {
                connected();
            }
            if ((operations & SelectionKey.OP_WRITE) != 0) {
                flush();
            }
            if ((operations & SelectionKey.OP_READ) != 0) {
                read();
            }
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    private void connected() throws IOException {
        channel.finishConnect();
        open = true;
        interest();
        generator.connected();
        send(first);
        first = NOTHING;
    }

    private void read() throws IOException {
        byte[] scratch = generator.scratch(keptLength);
        System.arraycopy(kept, 0, scratch, 0, keptLength);
        int got = generator.read(channel, scratch, keptLength);
        if (got < 0) {
            fail("closed by the server");
            return;
        }
        int end = keptLength + got;
        int used = framing.consume(this, scratch, 0, end);
        keptLength = closed ? 0 : end - used;
        if (keptLength > MOST_KEPT) {
            fail("one piece of more than " + MOST_KEPT + " bytes");
        } else if (keptLength > 0) {
            if (kept.length < keptLength) {
                kept = new byte[Math.max(keptLength, 512)];
            }
            System.arraycopy(scratch, used, kept, 0, keptLength);
        }
    }

    /** Sends bytes, now as far as the socket takes them. */
    void send(byte[] bytes) {
        if (closed) {
            return;
        }
        ByteBuffer before = pending;
        if (before != null) {
            byte[] joined = Arrays.copyOf(bytesOf(before), before.remaining() + bytes.length);
            System.arraycopy(bytes, 0, joined, before.remaining(), bytes.length);
            pending = ByteBuffer.wrap(joined);
            return;
        }
        try {
            ByteBuffer out = generator.outgoing(bytes);
            channel.write(out);
            if (out.hasRemaining()) {
                byte[] rest = new byte[out.remaining()];
                out.get(rest);
                pending = ByteBuffer.wrap(rest);
                interest();
            }
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        return Arrays.copyOfRange(buffer.array(), buffer.position(), buffer.limit());
    }

    private void flush() throws IOException {
        ByteBuffer out = pending;
        if (out != null) {
            channel.write(out);
            if (out.hasRemaining()) {
                return;
            }
            pending = null;
        }
        interest();
    }

    private void interest() {
        SelectionKey by = key;
        if (by != null && by.isValid()) {
            by.interestOps((stalled ? 0 : SelectionKey.OP_READ) | (pending == null ? 0 : SelectionKey.OP_WRITE));
        }
    }

    /** Stops to read, as a client does whose network is gone or whose page hangs. */
    void stall() {
        stalled = true;
        interest();
        try {
            // What the kernel would take in its place for minutes is not to hide it from the server.
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
        } catch (IOException e) {
            generator.note("stall: " + e.getMessage());
        }
    }

    void fail(String why) {
        if (!closed) {
            generator.note(why);
            close();
            owner.closed(this);
        }
    }

    void close() {
        closed = true;
        pending = null;
        if (!open) {
            generator.connected();
        }
        generator.closed(this);
        try {
            channel.close();
        } catch (IOException e) {
            generator.note("close: " + e.getMessage());
        }
    }
}
