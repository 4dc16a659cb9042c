package dev.polywire.channel;

import dev.polywire.ChannelOptions;

/** One subscriber's place in one channel, from subscribe until unsubscribe. Touched on the subscriber's loop only. */
public final class Subscription {
    private final Subscriber subscriber;
    private final String channel;
    private final ChannelOptions options;

    Subscription(Subscriber subscriber, String channel, ChannelOptions options) {
        this.subscriber = subscriber;
        this.channel = channel;
        this.options = options;
    }

    /**
     * Returns who is subscribed.
     *
     * @return never null
     */
    public Subscriber subscriber() {
        return subscriber;
    }

    /**
     * Returns the channel's name.
     *
     * @return never null
     */
    public String channel() {
        return channel;
    }

    /**
     * Returns how the channel behaves.
     *
     * @return not to be changed
     */
    public ChannelOptions options() {
        return options;
    }
}
