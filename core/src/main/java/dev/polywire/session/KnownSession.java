package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.Session;
import dev.polywire.TransportChoice;
import dev.polywire.limit.Tab;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ServerFrame;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is known of a session: whose it is, what it was offered, and when it was last heard of. Read from anywhere, written on its loop. */
abstract class KnownSession implements Session {
    private final Engine engine;
    private final EventLoop loop;
    private final Opening opening;
    private long connectedAt;
    private long spared;

    private volatile Principal principal;
    private volatile String transport;
    private volatile boolean connected;
    private volatile long lastActivity;
    private volatile @Nullable Map<String, Object> attributes;
    private @Nullable String token;
    private long authorizedAt;
    private boolean proven = true;
    private @Nullable Expiry expiry;

    KnownSession(Engine engine, EventLoop loop, Opening opening) {
        this.engine = engine;
        this.loop = loop;
        this.connectedAt = engine.wallClock();
        this.spared = engine.expulsion().marks().last(opening.principal().id());
        this.opening = opening;
        this.principal = opening.principal();
        this.token = opening.token();
        this.transport = opening.transport();
        this.authorizedAt = loop.now();
        this.lastActivity = loop.now();
    }

    /** What a session begins with. */
    record Opening(
            String id,
            String secret,
            @Nullable String client,
            Codec codec,
            int version,
            Principal principal,
            @Nullable String token,
            String transport,
            TransportChoice.Offer offer,
            Tab tab) {}

    abstract void enqueue(ServerFrame frame);

    abstract void dropWire(CloseReason reason);

    EventLoop loop() {
        return loop;
    }

    /** A wire was attached. */
    void attached(String carrier) {
        transport = carrier;
        connected = true;
        if (expiry == null) {
            watchExpiry();
        } else {
            expiry.attached();
        }
    }

    private void watchExpiry() {
        expiry = Expiry.of(this, expiry, engine.options().auth().warning());
    }

    /** Tells whether the credentials have ended, so that nothing may be done with them. */
    boolean expired() {
        return expiry != null && expiry.over();
    }

    /** The session is over. */
    void ended() {
        if (expiry != null) {
            expiry.cancel();
        }
    }

    /** Notes whether there is a connection. */
    void connected(boolean now) {
        connected = now;
    }

    /** Something came from the client, so that it is alive. */
    void heard() {
        lastActivity = loop.now();
    }

    String secret() {
        return opening.secret();
    }

    String client() {
        return opening.client() == null ? opening.id() : opening.client();
    }

    Codec codec() {
        return opening.codec();
    }

    int version() {
        return opening.version();
    }

    /** Returns what the client named itself by. */
    @Nullable
    String nonce() {
        return opening.client();
    }

    /** Takes over what another node knew of it. */
    void thawed(Frozen state) {
        connectedAt = state.connectedAt();
        spared = state.spared();
        authorizedAt = loop.now() - state.checked();
        proven = state.proven();
        attributes().putAll(state.attributes().getMap());
        watchExpiry();
        if (expiry != null && state.asked()) {
            expiry.asked();
        }
    }

    /** Returns the last disconnect of its user that it is younger than. */
    long spared() {
        return spared;
    }

    /** Tells whether the client was asked for new credentials in place of those that it has. */
    boolean asked() {
        return expiry != null && expiry.warned();
    }

    TransportChoice.Offer offer() {
        return opening.offer();
    }

    Tab tab() {
        return opening.tab();
    }

    /** Returns the heartbeat that this client was told, in milliseconds. */
    long heartbeat() {
        Duration own = opening.offer().heartbeat();
        return (own == null ? engine.options().session().heartbeat() : own).toMillis();
    }

    long lastHeard() {
        return lastActivity;
    }

    @Nullable
    String token() {
        return token;
    }

    long authorizedAt() {
        return authorizedAt;
    }

    /** Tells whether who has the wire has shown more than the secret, as who opened the session has. */
    boolean proven() {
        return proven;
    }

    void proven(boolean now) {
        proven = now;
    }

    /** Notes that who it is and what it may do was looked at again. */
    void authorized(Principal fresh, @Nullable String freshToken) {
        if (freshToken != null && fresh != principal) {
            token = freshToken;
        }
        principal = fresh;
        authorizedAt = loop.now();
        watchExpiry();
    }

    @Override
    public String id() {
        return opening.id();
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public String transport() {
        return transport;
    }

    @Override
    public boolean connected() {
        return connected;
    }

    @Override
    public Instant connectedAt() {
        return Instant.ofEpochMilli(connectedAt);
    }

    @Override
    public Instant lastActivity() {
        return Instant.now().minusMillis(Math.max(0, loop.now() - lastActivity));
    }

    @Override
    public Map<String, Object> attributes() {
        Map<String, Object> map = attributes;
        if (map == null) {
            synchronized (this) {
                map = attributes;
                if (map == null) {
                    map = new ConcurrentHashMap<>();
                    attributes = map;
                }
            }
        }
        return map;
    }
}
