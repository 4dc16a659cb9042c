package dev.polywire.conformance;

import dev.polywire.AddressOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.OverloadOptions;
import dev.polywire.RateLimit;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.SharingOptions;
import dev.polywire.SlowConsumerPolicy;
import java.time.Duration;
import java.util.List;

/** The options of a {@link KitServer}: its namespaces, anonymous clients, limits that no test reaches by accident, and belief in what a {@link RoundRobinProxy} says. */
final class KitOptions {
    private KitOptions() {}

    static RealtimeOptions of(List<String> transports) {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .transports(transports)
                .session(new SessionOptions()
                        .inbox(100_000)
                        .rate(new RateLimit(1_000_000, 1_000_000, 1 << 28, 1 << 28, 100)))
                .limits(new LimitOptions()
                        .userMessages(0)
                        .userBytes(0)
                        .attaches(0)
                        .address(new AddressOptions()
                                .messages(0)
                                .bytes(0)
                                .opens(0)
                                .connects(0)
                                .trustedProxies(List.of("127.0.0.1")))
                        // A test is not to be refused something because it is quicker than an answer.
                        .sharing(new SharingOptions().slicePercent(100))
                        .overload(new OverloadOptions().heapPercent(0).lag(Duration.ZERO)))
                .namespace("open", anyone())
                .namespace("slow", anyone())
                .namespace("secret", anyone())
                .namespace("kept", anyone().historySize(1000))
                .namespace("faulty", anyone())
                .namespace("known", anyone().subscribe(ChannelOptions.Subscribers.AUTHENTICATED))
                .namespace("own", anyone().subscribe(ChannelOptions.Subscribers.OWNER))
                .namespace("closed", anyone().subscribe(ChannelOptions.Subscribers.NOBODY))
                .namespace(
                        "ticket",
                        anyone().subscribe(ChannelOptions.Subscribers.TOKEN)
                                .historySize(10)
                                .presence(true))
                .namespace(
                        "members",
                        anyone().read(ChannelOptions.Readers.SUBSCRIBERS)
                                .historySize(10)
                                .presence(true))
                .namespace(
                        "unread",
                        anyone().read(ChannelOptions.Readers.NOBODY)
                                .historySize(10)
                                .presence(true))
                .namespace("crowd", anyone().presence(true))
                .namespace("drop", anyone().slowConsumer(SlowConsumerPolicy.DROP_OLDEST))
                .namespace("latest", anyone().slowConsumer(SlowConsumerPolicy.LATEST))
                .namespace(
                        "newest",
                        anyone().slowConsumer(SlowConsumerPolicy.LATEST).historySize(20))
                .namespace(
                        "sure", anyone().confirmTimeout(Duration.ofMillis(150)).confirmAttempts(3));
    }

    private static ChannelOptions anyone() {
        return new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE);
    }
}
