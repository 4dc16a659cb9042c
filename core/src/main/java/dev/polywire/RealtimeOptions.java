package dev.polywire;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** How an engine behaves, in code and in JSON alike. Copied when the engine is created. */
public final class RealtimeOptions {
    /** The name of the engine: verticles of one Vert.x that name the same engine share it, when not said otherwise. */
    public static final String DEFAULT_NAME = "default";

    /** The mount path, when not said otherwise. */
    public static final String DEFAULT_PATH = "/realtime";

    /** The address that a verticle listens on, when not said otherwise. */
    public static final String DEFAULT_HOST = "0.0.0.0";

    /** The port that a verticle listens on; 0 takes a free one, when not said otherwise. */
    public static final int DEFAULT_PORT = 8080;

    private static final OptionTable OPTIONS = new OptionTable("options");
    private static final Option<String> NAME = OPTIONS.text("name", DEFAULT_NAME, OptionTable.notBlank("The name"));
    private static final Option<String> PATH = OPTIONS.text(
            "path",
            DEFAULT_PATH,
            OptionTable.matching(
                    "/[A-Za-z0-9/_.~-]*[A-Za-z0-9_.~-]",
                    "The path must begin with / and not end with it, as /realtime does"));
    private static final Option<String> HOST = OPTIONS.text("host", DEFAULT_HOST, any -> {});
    private static final Option<Integer> PORT = OPTIONS.number("port", DEFAULT_PORT, 0, 65_535);
    private static final Option<Boolean> ALLOW_ANONYMOUS = OPTIONS.flag("allowAnonymous", false);
    private static final Option<List<String>> TRANSPORTS = OPTIONS.texts(
            "transports",
            List.of("websocket", "sse", "longpoll"),
            OptionTable.notEmpty("transports must name at least one transport."));
    private static final Option<List<String>> ORIGINS = OPTIONS.texts("origins", List.of(), any -> {});
    private static final Option<Boolean> COMPRESSION = OPTIONS.flag("compression", false);
    private static final Option<SessionOptions> SESSION = OPTIONS.part(
            "session", new SessionOptions(), SessionOptions::new, SessionOptions::toJson, SessionOptions::new);
    private static final Option<AuthOptions> AUTH =
            OPTIONS.part("auth", new AuthOptions(), AuthOptions::new, AuthOptions::toJson, AuthOptions::new);
    private static final Option<EventBusOptions> EVENT_BUS = OPTIONS.part(
            "eventBus", new EventBusOptions(), EventBusOptions::new, EventBusOptions::toJson, EventBusOptions::new);
    private static final Option<ChannelOptions> CHANNEL = OPTIONS.part(
            "channel", new ChannelOptions(), ChannelOptions::new, ChannelOptions::toJson, ChannelOptions::new);
    private static final Option<Namespaces> NAMESPACES =
            OPTIONS.part("namespaces", new Namespaces(), Namespaces::new, Namespaces::toJson, Namespaces::new);
    private static final Option<LimitOptions> LIMITS =
            OPTIONS.part("limits", new LimitOptions(), LimitOptions::new, LimitOptions::toJson, LimitOptions::new);
    private static final Option<BrokerOptions> BROKER =
            OPTIONS.part("broker", new BrokerOptions(), BrokerOptions::new, BrokerOptions::toJson, BrokerOptions::new);

    private static final Option<TlsOptions> TLS =
            OPTIONS.part("tls", new TlsOptions(), TlsOptions::new, TlsOptions::toJson, TlsOptions::new);

    private final OptionValues values;

    /** Creates the defaults. */
    public RealtimeOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public RealtimeOptions(RealtimeOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public RealtimeOptions(JsonObject json) {
        values = new OptionValues(OPTIONS, json);
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return values.toJson();
    }

    /**
     * Sets the name of the engine: verticles of one Vert.x that name the same engine share it.
     *
     * @param value not blank
     * @return this
     */
    public RealtimeOptions name(String value) {
        values.set(NAME, value);
        return this;
    }

    /** {@return the name of the engine: verticles of one Vert.x that name the same engine share it} */
    public String name() {
        return values.get(NAME);
    }

    /**
     * Sets the mount path.
     *
     * @param value begins with a slash
     * @return this
     */
    public RealtimeOptions path(String value) {
        values.set(PATH, value);
        return this;
    }

    /** {@return the mount path} */
    public String path() {
        return values.get(PATH);
    }

    /**
     * Sets the address that a verticle listens on.
     *
     * @param value not used when mounted on a router
     * @return this
     */
    public RealtimeOptions host(String value) {
        values.set(HOST, value);
        return this;
    }

    /** {@return the address that a verticle listens on} */
    public String host() {
        return values.get(HOST);
    }

    /**
     * Sets the port that a verticle listens on; 0 takes a free one.
     *
     * @param value 0 to 65,535
     * @return this
     */
    public RealtimeOptions port(int value) {
        values.set(PORT, value);
        return this;
    }

    /** {@return the port that a verticle listens on; 0 takes a free one} */
    public int port() {
        return values.get(PORT);
    }

    /**
     * Sets whether sessions may be opened without an authenticator or without credentials.
     *
     * @param value false by default
     * @return this
     */
    public RealtimeOptions allowAnonymous(boolean value) {
        values.set(ALLOW_ANONYMOUS, value);
        return this;
    }

    /** {@return whether sessions may be opened without an authenticator or without credentials} */
    public boolean allowAnonymous() {
        return values.get(ALLOW_ANONYMOUS);
    }

    /**
     * Sets the names of the transports that are offered, best first.
     *
     * @param value at least one
     * @return this
     */
    public RealtimeOptions transports(List<String> value) {
        values.set(TRANSPORTS, List.copyOf(value));
        return this;
    }

    /** {@return the names of the transports that are offered, best first} */
    public List<String> transports() {
        return values.get(TRANSPORTS);
    }

    /**
     * Sets the origins that may connect from other sites, such as https://example.com or https://*.example.com; * allows any, without credentials.
     *
     * @param value same origin only, by default
     * @return this
     */
    public RealtimeOptions origins(List<String> value) {
        values.set(ORIGINS, List.copyOf(value));
        return this;
    }

    /**
     * {@return the origins that may connect from other sites, such as https://example.com or https://*.example.com; * allows any, without credentials}
     */
    public List<String> origins() {
        return values.get(ORIGINS);
    }

    /**
     * Sets whether permessage-deflate is negotiated and poll replies are compressed.
     *
     * @param value false by default
     * @return this
     */
    public RealtimeOptions compression(boolean value) {
        values.set(COMPRESSION, value);
        return this;
    }

    /** {@return whether permessage-deflate is negotiated and poll replies are compressed} */
    public boolean compression() {
        return values.get(COMPRESSION);
    }

    /**
     * Sets what every session may use.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions session(SessionOptions value) {
        values.set(SESSION, value);
        return this;
    }

    /** {@return what every session may use} */
    public SessionOptions session() {
        return values.get(SESSION);
    }

    /**
     * Sets who is who: tokens, where they may come from, and what happens when they expire.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions auth(AuthOptions value) {
        values.set(AUTH, value);
        return this;
    }

    /** {@return who is who: tokens, where they may come from, and what happens when they expire} */
    public AuthOptions auth() {
        return values.get(AUTH);
    }

    /**
     * Sets what is reached over the event bus.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions eventBus(EventBusOptions value) {
        values.set(EVENT_BUS, value);
        return this;
    }

    /** {@return what is reached over the event bus} */
    public EventBusOptions eventBus() {
        return values.get(EVENT_BUS);
    }

    /**
     * Sets how channels behave whose namespace has no options of its own.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions channel(ChannelOptions value) {
        values.set(CHANNEL, value);
        return this;
    }

    /** {@return how channels behave whose namespace has no options of its own} */
    public ChannelOptions channel() {
        return values.get(CHANNEL);
    }

    /**
     * Sets what all clients of this node together, one user and one address may use.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions limits(LimitOptions value) {
        values.set(LIMITS, value);
        return this;
    }

    /** {@return what all clients of this node together, one user and one address may use} */
    public LimitOptions limits() {
        return values.get(LIMITS);
    }

    /**
     * Sets how long the broker may take, and what the one in memory keeps.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions broker(BrokerOptions value) {
        values.set(BROKER, value);
        return this;
    }

    /** {@return how long the broker may take, and what the one in memory keeps} */
    public BrokerOptions broker() {
        return values.get(BROKER);
    }

    /**
     * Sets the certificate that a verticle shows; without one it speaks plain HTTP.
     *
     * @param value not used when mounted on a router
     * @return this
     */
    public RealtimeOptions tls(TlsOptions value) {
        values.set(TLS, value);
        return this;
    }

    /** {@return the certificate that a verticle shows} */
    public TlsOptions tls() {
        return values.get(TLS);
    }

    /**
     * Sets the options of one namespace.
     *
     * @param namespace what stands before the first {@code :} of a channel's name; letters, digits and {@code . _ - /}
     * @param value its options
     * @return this
     */
    public RealtimeOptions namespace(String namespace, ChannelOptions value) {
        values.get(NAMESPACES).put(namespace, value);
        return this;
    }

    /** {@return the options of single namespaces, by namespace; not to be changed} */
    public Map<String, ChannelOptions> namespaces() {
        return values.get(NAMESPACES).all();
    }

    /**
     * Returns the options that hold for a channel.
     *
     * @param name the channel's name
     * @return those of its namespace, or the general ones
     */
    public ChannelOptions channelOptions(String name) {
        return values.get(NAMESPACES).of(name, channel());
    }

    /**
     * Sets what belongs to the host's HTTP server for Polywire to work as these options say. What the host had set otherwise is
     * logged as a warning, because something else on that server may count on it.
     *
     * @param server the server's options
     * @return the same object
     */
    public HttpServerOptions applyTo(HttpServerOptions server) {
        return HostServer.apply(this, server);
    }

    /**
     * Checks what only makes sense together.
     *
     * @return this
     * @throws IllegalArgumentException saying what would be right
     */
    public RealtimeOptions check() {
        session().check();
        tls().check();
        auth().check(allowAnonymous());
        channel().checkHistory("channel", broker());
        namespaces().forEach((name, options) -> options.checkHistory("namespace " + name, broker()));
        return this;
    }
}
