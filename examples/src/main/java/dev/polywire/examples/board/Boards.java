package dev.polywire.examples.board;

import dev.polywire.ChannelHandler;
import dev.polywire.Session;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The boards: for each a log of Yjs updates, of which a newcomer gets all that there are.
 *
 * <p>The server cannot read a document. When a log has grown long, it hands all of it to the client that wrote last, and gets back
 * one update that holds them all. That is made of exactly what was handed over, so nothing is dropped that it does not
 * hold, whatever comes in the meantime.
 *
 * <p>Boards are in memory. After a restart the pages that are open bring back what they have.
 */
final class Boards implements ChannelHandler {
    static final String NAMESPACE = "board";

    /** The event of an update, which is a string of Base64. */
    static final String UPDATE = "update";

    /** What a client is asked to make one update of several. */
    static final String MERGE = "merge";

    /** The most boards. */
    static final int MOST = 64;

    /** How long a board is kept that nobody is at, when there are too many. */
    static final Duration KEPT = Duration.ofHours(1);

    /** So many characters of a board are handed out to be made one in a second, on average, whatever happens to it. */
    static final int MERGED_A_SECOND = 32 * 1024;

    private static final String NO_UPDATE = "What is published to a board is an update of it.";
    private static final String TOO_MANY = "There are as many boards as there may be. Try again later.";

    private static final Logger LOG = LoggerFactory.getLogger(Boards.class);
    private static final Pattern NAME = Pattern.compile(NAMESPACE + ":[a-z0-9-]{1,40}");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Which server it is: a page that sees another one knows that the board has to be brought back. */
    private final String id = UUID.randomUUID().toString();

    private final LongSupplier clock;
    private final Map<String, Board> boards = new HashMap<>();

    /** Those that somebody is at. Guarded by {@link #boards}. */
    private final Set<String> occupied = new HashSet<>();

    /** One board. Guarded by {@link #boards}. */
    private static final class Board {
        final UpdateLog log = new UpdateLog();
        /** When somebody was last at it, if nobody is. */
        long left;

        boolean merging;
        /** When it may be made one update again. */
        long nextMerge;

        Board(long now) {
            left = now;
            nextMerge = now;
        }
    }

    /**
     * Begins without a board.
     *
     * @param clock milliseconds since some moment
     */
    Boards(LongSupplier clock) {
        this.clock = clock;
    }

    @Override
    public Future<@Nullable Object> onSubscribe(Session session, String channel) {
        if (!NAME.matcher(channel).matches()) {
            return Future.failedFuture(new ProtocolException(
                    ErrorCode.FORBIDDEN, "A board's name has up to 40 letters a to z, digits and hyphens."));
        }
        synchronized (boards) {
            Board board = board(channel);
            return board == null
                    ? Future.failedFuture(new ProtocolException(ErrorCode.FORBIDDEN, TOO_MANY))
                    : Future.succeededFuture(
                            new JsonObject().put("server", id).put("updates", new JsonArray(board.log.updates())));
        }
    }

    /** Keeps an update before it is published: a newcomer in between gets it twice, which does no harm. */
    @Override
    public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
        String channel = String.valueOf(publication.message().channel());
        if (!UPDATE.equals(publication.message().event())
                || !(publication.message().payload().value() instanceof String update)) {
            return refuse(ErrorCode.FORBIDDEN, NO_UPDATE, 0);
        }
        byte[] bytes = bytes(update);
        if (bytes.length < 2) {
            return refuse(ErrorCode.FORBIDDEN, NO_UPDATE, 0);
        }
        UpdateLog.Offer offer;
        long wait = 0;
        synchronized (boards) {
            Board board = board(channel);
            if (board == null) {
                return refuse(ErrorCode.FORBIDDEN, TOO_MANY, 0);
            }
            // It begins with the number of clients of whom it adds something.
            offer = board.log.add(update, bytes[0] == 0);
            wait = Math.max(500, board.nextMerge - clock.getAsLong());
        }
        merge(session, channel);
        return switch (offer) {
            case KEPT -> Future.succeededFuture(publication);
            case NOT_NOW -> refuse(ErrorCode.UNAVAILABLE, "The board is being tidied up.", wait);
            case FULL -> refuse(ErrorCode.TOO_LARGE, "The board is full.", 0);
        };
    }

    @Override
    public void onOccupied(String channel) {
        synchronized (boards) {
            occupied.add(channel);
        }
    }

    @Override
    public void onVacated(String channel) {
        synchronized (boards) {
            occupied.remove(channel);
            Board board = boards.get(channel);
            if (board != null) {
                board.left = clock.getAsLong();
            }
        }
    }

    /** Returns what is kept of a board. */
    List<String> updates(String channel) {
        synchronized (boards) {
            Board board = boards.get(channel);
            return board == null ? List.of() : board.log.updates();
        }
    }

    private static Future<Broker.Publication> refuse(ErrorCode code, String sentence, long retryAfter) {
        return Future.failedFuture(new ProtocolException(code, sentence, null, retryAfter));
    }

    /** Returns a board, made when there is none; null when there may be no more. */
    private @Nullable Board board(String channel) {
        Board known = boards.get(channel);
        if (known != null) {
            return known;
        }
        if (boards.size() >= MOST && !makeRoom()) {
            return null;
        }
        Board board = new Board(clock.getAsLong());
        boards.put(channel, board);
        return board;
    }

    /** Drops a board that nobody is at: one on which nothing was ever written, or else that which was left first, if that is long ago. */
    private boolean makeRoom() {
        long before = clock.getAsLong() - KEPT.toMillis();
        String first = boards.entrySet().stream()
                .filter(one -> !occupied.contains(one.getKey()))
                .filter(one -> one.getValue().log.size() == 0 || one.getValue().left <= before)
                .min(Comparator.comparing((Map.Entry<String, Board> one) ->
                                one.getValue().log.size() > 0)
                        .thenComparing(one -> one.getValue().left))
                .map(Map.Entry::getKey)
                .orElse(null);
        return first != null && boards.remove(first) != null;
    }

    /** Has a client make one update of all, when it is time and nobody is at it. */
    private void merge(Session session, String channel) {
        Board board;
        UpdateLog.Work work;
        synchronized (boards) {
            board = boards.get(channel);
            if (board == null || board.merging || clock.getAsLong() < board.nextMerge || !board.log.wantsMerge()) {
                return;
            }
            board.merging = true;
            work = board.log.work();
            board.nextMerge = clock.getAsLong() + 1000L * board.log.size() / MERGED_A_SECOND;
        }
        session.request(MERGE, new JsonArray(work.updates()), PATIENCE).onComplete(done -> {
            boolean taken = false;
            synchronized (boards) {
                board.merging = false;
                if (done.succeeded() && done.result().value() instanceof String update && bytes(update).length > 1) {
                    taken = board.log.merged(work, update);
                }
            }
            if (!taken) {
                // The next one who writes is asked.
                LOG.debug(
                        "not_merged channel={} updates={}",
                        channel,
                        work.updates().size());
            }
        });
    }

    /** Returns what a string of Base64 says, nothing when it is none: what it means nobody but a client can tell. */
    private static byte[] bytes(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}
