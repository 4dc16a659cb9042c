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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
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

    /** The most boards; the one that was not used for the longest time, and has nobody at it, gives way. */
    static final int MOST = 64;

    /** The longest update, characters. A whole board that is brought back after a restart is one. */
    static final int LONGEST = UpdateLog.MOST;

    private static final Logger LOG = LoggerFactory.getLogger(Boards.class);
    private static final Pattern NAME = Pattern.compile(NAMESPACE + ":[a-z0-9-]{1,40}");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Which server it is: a page that sees another one knows that the board has to be brought back. */
    private final String id = UUID.randomUUID().toString();

    private final Map<String, Board> boards = new LinkedHashMap<>(16, 0.75f, true);

    /** Those that somebody is at. Guarded by {@link #boards}. */
    private final Set<String> occupied = new HashSet<>();

    /** One board. Guarded by {@link #boards}. */
    private static final class Board {
        final UpdateLog log = new UpdateLog();
        boolean merging;
    }

    @Override
    public Future<@Nullable Object> onSubscribe(Session session, String channel) {
        synchronized (boards) {
            Board board = board(channel);
            return board == null
                    ? Future.failedFuture(new ProtocolException(
                            ErrorCode.FORBIDDEN, "There are too many boards, or this is no name for one."))
                    : Future.succeededFuture(
                            new JsonObject().put("server", id).put("updates", new JsonArray(board.log.updates())));
        }
    }

    /** Keeps an update before it is published: a newcomer in between gets it twice, which does no harm. */
    @Override
    public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
        String channel = String.valueOf(publication.message().channel());
        if (!UPDATE.equals(publication.message().event())
                || !(publication.message().payload().value() instanceof String update)
                || !isUpdate(update)) {
            return refuse(ErrorCode.FORBIDDEN, "What is published to a board is an update of it.", 0);
        }
        if (update.length() > LONGEST) {
            return refuse(ErrorCode.TOO_LARGE, "The board is full.", 0);
        }
        UpdateLog.Offer offer;
        synchronized (boards) {
            Board board = board(channel);
            offer = board == null ? UpdateLog.Offer.FULL : board.log.add(update);
        }
        merge(session, channel);
        return switch (offer) {
            case KEPT -> Future.succeededFuture(publication);
            case NOT_NOW -> refuse(ErrorCode.UNAVAILABLE, "The board is being tidied up.", 500);
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

    /** Returns a board, made when there is none; null when there may be none of that name, or no more. */
    private @Nullable Board board(String channel) {
        Board known = boards.get(channel);
        if (known != null || !NAME.matcher(channel).matches()) {
            return known;
        }
        if (boards.size() >= MOST) {
            var oldest = boards.keySet().iterator();
            while (oldest.hasNext() && boards.size() >= MOST) {
                if (!occupied.contains(oldest.next())) {
                    oldest.remove();
                }
            }
            if (boards.size() >= MOST) {
                return null;
            }
        }
        Board board = new Board();
        boards.put(channel, board);
        return board;
    }

    /** Has a client make one update of all, when it is time and nobody is at it. */
    private void merge(Session session, String channel) {
        Board board;
        UpdateLog.Work work;
        synchronized (boards) {
            board = boards.get(channel);
            if (board == null || board.merging || !board.log.wantsMerge()) {
                return;
            }
            board.merging = true;
            work = board.log.work();
        }
        session.request(MERGE, new JsonArray(work.updates()), PATIENCE).onComplete(done -> {
            boolean taken = false;
            synchronized (boards) {
                board.merging = false;
                if (done.succeeded()
                        && done.result().value() instanceof String update
                        && update.length() <= LONGEST
                        && isUpdate(update)) {
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

    /** Base64 of something: more than that nobody but a client can tell. */
    private static boolean isUpdate(String update) {
        try {
            return Base64.getDecoder().decode(update).length > 1;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
