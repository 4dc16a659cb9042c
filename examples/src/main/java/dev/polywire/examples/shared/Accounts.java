package dev.polywire.examples.shared;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisAPI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** The people of a demo: the first to come with a name chooses its password, and nobody else gets in under it. */
final class Accounts {
    /** How many names there may be, so that strangers cannot fill the memory. */
    static final int MOST = 10_000;

    /** How many passwords may be under examination or wait for it, so that guessing at many names does not stop everything else. */
    static final int AT_ONCE = 32;

    /** How many are examined at the same time. */
    private static final int THREADS = 2;

    private static final int ROUNDS = 120_000;
    private static final int BITS = 256;

    private final WorkerExecutor workers;
    private final AtomicInteger examined = new AtomicInteger();
    private final @Nullable RedisAPI redis;
    private final String key;
    private final Map<String, String> memory = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** What came of an attempt to get in. */
    enum Outcome {
        /** The name was free, and is taken now. */
        NEW,
        /** The password is right. */
        KNOWN,
        /** The name is somebody else's, or the password is wrong. */
        REFUSED,
        /** There are too many names. */
        FULL,
        /** Too many come at once. */
        BUSY
    }

    Accounts(Vertx vertx, @Nullable RedisAPI redis, String prefix) {
        this.workers = vertx.createSharedWorkerExecutor("polywire-demo-sign-in", THREADS);
        this.redis = redis;
        this.key = prefix + "accounts";
    }

    Future<Outcome> enter(String id, String password) {
        if (examined.incrementAndGet() > AT_ONCE) {
            examined.decrementAndGet();
            return Future.succeededFuture(Outcome.BUSY);
        }
        return look(id, password).onComplete(done -> examined.decrementAndGet());
    }

    private Future<Outcome> look(String id, String password) {
        return find(id).compose(kept -> kept == null ? take(id, password) : check(kept, password));
    }

    /** Tells whether there is somebody of that name. */
    Future<Boolean> known(String id) {
        return find(id).map(kept -> kept != null);
    }

    private Future<Outcome> take(String id, String password) {
        return count().compose(count -> {
            if (count >= MOST) {
                return Future.succeededFuture(Outcome.FULL);
            }
            byte[] salt = new byte[16];
            random.nextBytes(salt);
            return hash(salt, password)
                    .compose(made -> put(id, made))
                    // Somebody else was quicker: then it is their password that counts.
                    .compose(taken -> taken ? Future.succeededFuture(Outcome.NEW) : look(id, password));
        });
    }

    private Future<Outcome> check(String kept, String password) {
        byte[] salt = Base64.getDecoder().decode(kept.substring(0, kept.indexOf('.')));
        return hash(salt, password)
                .map(made -> MessageDigest.isEqual(made.getBytes(), kept.getBytes()) ? Outcome.KNOWN : Outcome.REFUSED);
    }

    /** Takes a tenth of a second, and so not on an event loop. */
    private Future<String> hash(byte[] salt, String password) {
        return workers.executeBlocking(
                () -> Base64.getEncoder().encodeToString(salt) + '.' + derive(salt, password), false);
    }

    private static String derive(byte[] salt, String password) throws GeneralSecurityException {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, ROUNDS, BITS);
        byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(spec)
                .getEncoded();
        return Base64.getEncoder().encodeToString(derived);
    }

    private Future<@Nullable String> find(String id) {
        return redis == null
                ? Future.succeededFuture(memory.get(id))
                : redis.hget(key, id).map(found -> found == null ? null : found.toString());
    }

    private Future<Boolean> put(String id, String hash) {
        return redis == null
                ? Future.succeededFuture(memory.putIfAbsent(id, hash) == null)
                : redis.send(Command.HSETNX, key, id, hash).map(set -> set.toInteger() == 1);
    }

    private Future<Integer> count() {
        return redis == null
                ? Future.succeededFuture(memory.size())
                : redis.hlen(key).map(length -> length.toInteger());
    }
}
