package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What Redis knows of a channel, and the calls of its scripts. */
final class Keys {
    private static final Script PUBLISH = Script.load("run.lua", "channel.lua", "publish.lua");
    private static final Script READ = Script.load("run.lua", "channel.lua", "read.lua");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Commands commands;
    private final Commands waited;
    private final RedisOptions options;

    /** Publishes that wait for replicas go another way, where nothing else stands behind them. */
    Keys(Commands commands, Commands waited, RedisOptions options) {
        this.commands = commands;
        this.waited = waited;
        commands.prepare(PUBLISH);
        if (waited != commands) {
            waited.prepare(PUBLISH);
        }
        this.options = options;
    }

    /** What a read found: what is told begins right after {@code from}. */
    record Found(String epoch, long top, long from, boolean complete, boolean more, List<Parcel> parcels) {
        Position position(long offset) {
            return new Position(epoch, offset);
        }
    }

    /** What a publish did; offset 0 when it is not stored. */
    record Done(String epoch, long offset, boolean duplicate) {}

    /** Names a key of a channel; all of them share a slot. */
    private String key(String channel, String what) {
        return options.getPrefix() + "{c:" + channel + "}" + what;
    }

    /** Names the channel's channel of pub/sub. */
    String topic(String channel) {
        return key(channel, ":m");
    }

    private static String epoch() {
        byte[] bytes = new byte[12];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private List<String> keys(String channel) {
        List<String> keys = new ArrayList<>(5);
        keys.add(key(channel, ":r"));
        keys.add(key(channel, ":s"));
        keys.add(key(channel, ":n"));
        return keys;
    }

    /** Returns the master that a publication goes to, null when nobody is known; on the context. */
    @Nullable
    String owner(Publication publication) {
        if (!commands.cluster()) {
            return "";
        }
        String channel = publication.message().channel();
        return (waits(publication) ? waited : commands).owner(key(channel == null ? "" : channel, ":r"));
    }

    private boolean waits(Publication publication) {
        return publication.keep().size() > 0 && options.getWaitReplicas() > 0;
    }

    /** Publishes a message; on the context. Fails with {@link Again} when that has to be done anew; {@code next} tells whether it is still its turn. */
    Future<Done> publish(String channel, Publication publication, BooleanSupplier next) {
        List<String> keys = keys(channel);
        keys.add(topic(channel));
        if (publication.dedupe() != null) {
            keys.add(key(channel, ":d:" + publication.dedupe()));
        }
        Keep keep = publication.keep();
        String key = publication.message().key();
        Buffer parcel = new Parcel(publication.message(), publication.except()).encode();
        List<Object> args = List.of(
                epoch(),
                parcel,
                publication.message().payload().bytes().length + Keep.OVERHEAD,
                keep.size(),
                keep.age().toMillis(),
                keep.bytes(),
                keep.newest() ? 1 : 0,
                key == null ? "-" : "k" + key,
                options.getDedupeWindow().toMillis(),
                commands.cluster() ? "SPUBLISH" : "PUBLISH");
        boolean wait = waits(publication);
        return (wait ? waited : commands)
                .evalOnce(PUBLISH, keys, args, wait, next)
                .map(reply -> new Done(
                        text(reply, 0), reply.get(1).toLong(), reply.get(2).toInteger() == 1));
    }

    Future<Found> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
        List<Object> args = List.of(
                epoch(),
                keep.size(),
                keep.age().toMillis(),
                keep.bytes(),
                since == null ? "-" : since.epoch(),
                since == null ? -1 : since.offset(),
                limit,
                reverse ? 1 : 0);
        return commands.eval(READ, keys(channel), args).map(reply -> {
            List<Parcel> parcels = new ArrayList<>();
            Response told = reply.get(5);
            for (int i = 0; i + 1 < told.size(); i += 2) {
                parcels.add(Parcel.decode(
                        channel, told.get(i + 1).toBuffer(), 0, told.get(i).toLong()));
            }
            return new Found(
                    text(reply, 0),
                    reply.get(1).toLong(),
                    reply.get(2).toLong(),
                    reply.get(3).toInteger() == 1,
                    reply.get(4).toInteger() == 1,
                    parcels);
        });
    }

    private static String text(Response reply, int index) {
        return reply.get(index).toString();
    }
}
