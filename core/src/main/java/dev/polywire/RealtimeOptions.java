package dev.polywire;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    /** The most sessions on this node, when not said otherwise. */
    public static final int DEFAULT_SESSIONS = 100_000;

    /** The most bare reads at a time on this node, when not said otherwise. */
    public static final int DEFAULT_BARE_READERS = 10_000;

    /** How long the id of a publish is remembered, when not said otherwise. */
    public static final Duration DEFAULT_DEDUPE_WINDOW = Duration.ofMinutes(5);

    /** The most publish ids remembered on this node, when not said otherwise. */
    public static final int DEFAULT_DEDUPE_ENTRIES = 1_000_000;

    private static final Set<String> KEYS = Set.of(
            "name",
            "path",
            "host",
            "port",
            "allowAnonymous",
            "transports",
            "origins",
            "compression",
            "session",
            "eventBus",
            "channel",
            "namespaces",
            "sessions",
            "bareReaders",
            "dedupeWindowMs",
            "dedupeEntries");

    private String name = DEFAULT_NAME;
    private String path = DEFAULT_PATH;
    private String host = DEFAULT_HOST;
    private int port = DEFAULT_PORT;
    private boolean allowAnonymous = false;
    private List<String> transports = List.of("websocket", "sse", "longpoll");
    private List<String> origins = List.of();
    private boolean compression = false;
    private SessionOptions session = new SessionOptions();
    private EventBusOptions eventBus = new EventBusOptions();
    private ChannelOptions channel = new ChannelOptions();
    private Map<String, ChannelOptions> namespaces = new LinkedHashMap<>();
    private int sessions = DEFAULT_SESSIONS;
    private int bareReaders = DEFAULT_BARE_READERS;
    private Duration dedupeWindow = DEFAULT_DEDUPE_WINDOW;
    private int dedupeEntries = DEFAULT_DEDUPE_ENTRIES;

    /** Creates the defaults. */
    public RealtimeOptions() {}

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public RealtimeOptions(RealtimeOptions other) {
        name = other.name;
        path = other.path;
        host = other.host;
        port = other.port;
        allowAnonymous = other.allowAnonymous;
        transports = other.transports;
        origins = other.origins;
        compression = other.compression;
        session = new SessionOptions(other.session);
        eventBus = new EventBusOptions(other.eventBus);
        channel = new ChannelOptions(other.channel);
        namespaces = copy(other.namespaces);
        sessions = other.sessions;
        bareReaders = other.bareReaders;
        dedupeWindow = other.dedupeWindow;
        dedupeEntries = other.dedupeEntries;
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public RealtimeOptions(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "options", KEYS);
        name(in.text("name", name));
        path(in.text("path", path));
        host(in.text("host", host));
        port(in.integer("port", port));
        allowAnonymous(in.bool("allowAnonymous", allowAnonymous));
        transports(in.texts("transports", transports));
        origins(in.texts("origins", origins));
        compression(in.bool("compression", compression));
        JsonObject sessionJson = in.object("session");
        if (sessionJson != null) {
            session(new SessionOptions(sessionJson));
        }
        JsonObject eventBusJson = in.object("eventBus");
        if (eventBusJson != null) {
            eventBus(new EventBusOptions(eventBusJson));
        }
        JsonObject channelJson = in.object("channel");
        if (channelJson != null) {
            channel(new ChannelOptions(channelJson));
        }
        JsonObject namespacesJson = in.object("namespaces");
        if (namespacesJson != null) {
            JsonOptions each = new JsonOptions(namespacesJson, "namespaces", namespacesJson.fieldNames());
            for (String key : namespacesJson.fieldNames()) {
                JsonObject own = each.object(key);
                namespace(key, own == null ? new ChannelOptions() : new ChannelOptions(own));
            }
        }
        sessions(in.integer("sessions", sessions));
        bareReaders(in.integer("bareReaders", bareReaders));
        dedupeWindow(in.millis("dedupeWindowMs", dedupeWindow));
        dedupeEntries(in.integer("dedupeEntries", dedupeEntries));
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return new JsonObject()
                .put("name", name)
                .put("path", path)
                .put("host", host)
                .put("port", port)
                .put("allowAnonymous", allowAnonymous)
                .put("transports", new JsonArray(transports))
                .put("origins", new JsonArray(origins))
                .put("compression", compression)
                .put("session", session.toJson())
                .put("eventBus", eventBus.toJson())
                .put("channel", channel.toJson())
                .put("namespaces", toJson(namespaces))
                .put("sessions", sessions)
                .put("bareReaders", bareReaders)
                .put("dedupeWindowMs", dedupeWindow.toMillis())
                .put("dedupeEntries", dedupeEntries);
    }

    /**
     * Sets the name of the engine: verticles of one Vert.x that name the same engine share it.
     *
     * @param value not blank
     * @return this
     */
    public RealtimeOptions name(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("The name must not be blank.");
        }
        name = value;
        return this;
    }

    /**
     * Returns the name of the engine: verticles of one Vert.x that name the same engine share it.
     *
     * @return not blank
     */
    public String name() {
        return name;
    }

    /**
     * Sets the mount path.
     *
     * @param value begins with a slash
     * @return this
     */
    public RealtimeOptions path(String value) {
        if (!value.matches("/[A-Za-z0-9/_.~-]*[A-Za-z0-9_.~-]")) {
            throw new IllegalArgumentException(
                    "The path must begin with / and not end with it, as /realtime does, not " + value + ".");
        }
        path = value;
        return this;
    }

    /**
     * Returns the mount path.
     *
     * @return begins with a slash
     */
    public String path() {
        return path;
    }

    /**
     * Sets the address that a verticle listens on.
     *
     * @param value not used when mounted on a router
     * @return this
     */
    public RealtimeOptions host(String value) {
        host = value;
        return this;
    }

    /**
     * Returns the address that a verticle listens on.
     *
     * @return not used when mounted on a router
     */
    public String host() {
        return host;
    }

    /**
     * Sets the port that a verticle listens on; 0 takes a free one.
     *
     * @param value 0 to 65,535
     * @return this
     */
    public RealtimeOptions port(int value) {
        JsonOptions.range("port", value, 0, 65_535);
        port = value;
        return this;
    }

    /**
     * Returns the port that a verticle listens on; 0 takes a free one.
     *
     * @return 0 to 65,535
     */
    public int port() {
        return port;
    }

    /**
     * Sets whether sessions may be opened without an authenticator or without credentials.
     *
     * @param value false by default
     * @return this
     */
    public RealtimeOptions allowAnonymous(boolean value) {
        allowAnonymous = value;
        return this;
    }

    /**
     * Returns whether sessions may be opened without an authenticator or without credentials.
     *
     * @return false by default
     */
    public boolean allowAnonymous() {
        return allowAnonymous;
    }

    /**
     * Sets the names of the transports that are offered, best first.
     *
     * @param value at least one
     * @return this
     */
    public RealtimeOptions transports(List<String> value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("transports must name at least one transport.");
        }
        transports = List.copyOf(value);
        return this;
    }

    /**
     * Returns the names of the transports that are offered, best first.
     *
     * @return at least one
     */
    public List<String> transports() {
        return transports;
    }

    /**
     * Sets the origins that may connect from other sites, such as https://example.com or https://*.example.com; * allows any, without credentials.
     *
     * @param value same origin only, by default
     * @return this
     */
    public RealtimeOptions origins(List<String> value) {
        origins = List.copyOf(value);
        return this;
    }

    /**
     * Returns the origins that may connect from other sites, such as https://example.com or https://*.example.com; * allows any, without credentials.
     *
     * @return same origin only, by default
     */
    public List<String> origins() {
        return origins;
    }

    /**
     * Sets whether permessage-deflate is negotiated and poll replies are compressed.
     *
     * @param value false by default
     * @return this
     */
    public RealtimeOptions compression(boolean value) {
        compression = value;
        return this;
    }

    /**
     * Returns whether permessage-deflate is negotiated and poll replies are compressed.
     *
     * @return false by default
     */
    public boolean compression() {
        return compression;
    }

    /**
     * Sets what every session may use.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions session(SessionOptions value) {
        session = value;
        return this;
    }

    /**
     * Returns what every session may use.
     *
     * @return never null
     */
    public SessionOptions session() {
        return session;
    }

    /**
     * Sets what is reached over the event bus.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions eventBus(EventBusOptions value) {
        eventBus = value;
        return this;
    }

    /**
     * Returns what is reached over the event bus.
     *
     * @return never null
     */
    public EventBusOptions eventBus() {
        return eventBus;
    }

    /**
     * Sets how channels behave whose namespace has no options of its own.
     *
     * @param value never null
     * @return this
     */
    public RealtimeOptions channel(ChannelOptions value) {
        channel = value;
        return this;
    }

    /**
     * Returns how channels behave whose namespace has no options of its own.
     *
     * @return never null
     */
    public ChannelOptions channel() {
        return channel;
    }

    /**
     * Sets the most sessions on this node.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public RealtimeOptions sessions(int value) {
        JsonOptions.range("sessions", value, 1, 10_000_000);
        sessions = value;
        return this;
    }

    /**
     * Returns the most sessions on this node.
     *
     * @return 1 to 10,000,000
     */
    public int sessions() {
        return sessions;
    }

    /**
     * Sets the most bare reads at a time on this node.
     *
     * @param value 0 to 10,000,000
     * @return this
     */
    public RealtimeOptions bareReaders(int value) {
        JsonOptions.range("bareReaders", value, 0, 10_000_000);
        bareReaders = value;
        return this;
    }

    /**
     * Returns the most bare reads at a time on this node.
     *
     * @return 0 to 10,000,000
     */
    public int bareReaders() {
        return bareReaders;
    }

    /**
     * Sets how long the id of a publish is remembered.
     *
     * @param value 1000 ms to 3,600,000 ms
     * @return this
     */
    public RealtimeOptions dedupeWindow(Duration value) {
        JsonOptions.range("dedupeWindow in milliseconds", value.toMillis(), 1000, 3_600_000);
        dedupeWindow = value;
        return this;
    }

    /**
     * Returns how long the id of a publish is remembered.
     *
     * @return 1000 ms to 3,600,000 ms
     */
    public Duration dedupeWindow() {
        return dedupeWindow;
    }

    /**
     * Sets the most publish ids remembered on this node.
     *
     * @param value 1 to 100,000,000
     * @return this
     */
    public RealtimeOptions dedupeEntries(int value) {
        JsonOptions.range("dedupeEntries", value, 1, 100_000_000);
        dedupeEntries = value;
        return this;
    }

    /**
     * Returns the most publish ids remembered on this node.
     *
     * @return 1 to 100,000,000
     */
    public int dedupeEntries() {
        return dedupeEntries;
    }

    /**
     * Sets the options of one namespace.
     *
     * @param namespace what stands before the first {@code :} of a channel's name; letters, digits and {@code . _ - /}
     * @param value its options
     * @return this
     */
    public RealtimeOptions namespace(String namespace, ChannelOptions value) {
        if (!namespace.matches("[A-Za-z0-9._/-]{1,64}")) {
            throw new IllegalArgumentException(
                    "A namespace has 1 to 64 letters, digits or . _ - /, not " + namespace + ".");
        }
        namespaces.put(namespace, new ChannelOptions(value));
        return this;
    }

    /**
     * Returns the options of single namespaces.
     *
     * @return by namespace; not to be changed
     */
    public Map<String, ChannelOptions> namespaces() {
        return Map.copyOf(namespaces);
    }

    /**
     * Returns the options that hold for a channel.
     *
     * @param name the channel's name
     * @return those of its namespace, or the general ones
     */
    public ChannelOptions channelOptions(String name) {
        int colon = name.indexOf(':');
        ChannelOptions own = namespaces.get(colon < 0 ? name : name.substring(0, colon));
        return own == null ? channel : own;
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
        session.check();
        return this;
    }

    private static Map<String, ChannelOptions> copy(Map<String, ChannelOptions> from) {
        Map<String, ChannelOptions> copy = new LinkedHashMap<>();
        from.forEach((key, value) -> copy.put(key, new ChannelOptions(value)));
        return copy;
    }

    private static JsonObject toJson(Map<String, ChannelOptions> from) {
        JsonObject json = new JsonObject();
        from.forEach((key, value) -> json.put(key, value.toJson()));
        return json;
    }
}
