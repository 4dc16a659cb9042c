package dev.polywire;

/** What happens to a channel's frames when a session's outbox has no room for them (R23). */
public enum SlowConsumerPolicy {
    /** The session ends, and its client is told {@code slow_consumer}. */
    DISCONNECT,
    /** The channel's oldest unsent frames give way, and a {@code gap} takes their place. */
    DROP_OLDEST,
    /** A newer message replaces, in its place, an unsent one of the same channel and key. */
    LATEST
}
