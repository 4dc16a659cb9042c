package dev.polywire.benchmarks.load;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A kept-alive HTTP/1.1 connection that makes one request after the other. */
final class Lane implements Owner, Framing {

    /** Takes the answer to a request. */
    interface Reply {
        void reply(Link link, int status, byte[] data, int head, int from, int to);
    }

    private record Request(byte[] bytes, Reply reply) {}

    private final Generator generator;
    private final Queue<Request> waiting = new ArrayDeque<>();
    private @Nullable Reply current;
    private @Nullable Link link;

    private final @Nullable Owner forWhom;

    /** A connection that is opened by the first request; it belongs to somebody, or to all. */
    Lane(Generator generator, @Nullable Owner forWhom) {
        this.generator = generator;
        this.forWhom = forWhom;
    }

    void request(byte[] bytes, Reply reply) {
        Link open = link;
        if (open == null && current == null) {
            current = reply;
            generator.connect(this, this, bytes);
        } else if (open == null || current != null) {
            waiting.add(new Request(bytes, reply));
        } else {
            current = reply;
            open.send(bytes);
        }
    }

    @Override
    public int consume(Link from, byte[] data, int begin, int to) {
        link = from;
        int at = begin;
        while (at < to && !from.isClosed()) {
            int body = HttpHead.end(data, at, to);
            if (body < 0) {
                return at;
            }
            int length = HttpHead.length(data, at, body);
            if (length < 0) {
                from.fail("a reply without Content-Length");
                return to;
            }
            if (to - body < length) {
                return at;
            }
            Reply reply = current;
            if (reply == null) {
                from.fail("a reply that nobody asked for");
                return to;
            }
            Request next = waiting.poll();
            current = next == null ? null : next.reply();
            if (next != null) {
                from.send(next.bytes());
            }
            reply.reply(from, HttpHead.status(data, at), data, at, body, body + length);
            at = body + length;
        }
        return at;
    }

    @Override
    public void connecting(long nanos) {
        if (forWhom != null) {
            forWhom.connecting(nanos);
        }
    }

    @Override
    public void opened(Link to) {}

    @Override
    public void text(Link by, byte[] data, int from, int to) {}

    @Override
    public void tick(Link to, long nanos) {
        if (forWhom != null) {
            forWhom.tick(to, nanos);
        }
    }

    @Override
    public void closed(Link by) {
        link = null;
        if (forWhom != null) {
            forWhom.closed(by);
        } else if (current != null) {
            generator.lostConnection(by);
        }
    }
}
