package dev.polywire.faults;

import dev.polywire.client.Channel;
import dev.polywire.client.ClientOptions;
import dev.polywire.client.PolywireClient;
import dev.polywire.client.PolywireException;
import dev.polywire.client.Position;
import dev.polywire.client.PublishOptions;
import dev.polywire.client.State;
import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Java clients beside the browser's, one on each wire, in the same channels: each publishes and hears all. */
final class JavaCrowd implements AutoCloseable {
    /** How many publishes of one client may be unanswered. */
    private static final int WINDOW = 8;

    private static final long PAUSE_MS = 120;

    /** Until what was on its way is there: longer than the longest backoff (R41), and than what a node may ask for on top of it. */
    private static final Duration BACK = Duration.ofSeconds(60);

    private record Stored(int channel, Witness.Label label, Position at) {}

    /** One client, and what it was told. */
    private static final class Member {
        final PolywireClient client;
        final String wire;
        final List<Channel> channels;
        final List<Witness> witnesses;
        final Set<String> sessions = Collections.synchronizedSet(new LinkedHashSet<>());
        final List<String> resets = new CopyOnWriteArrayList<>();
        final AtomicInteger waiting = new AtomicInteger();
        final AtomicInteger stored = new AtomicInteger();
        int published;

        Member(Vertx vertx, String url, String wire, List<String> names) {
            this.wire = wire;
            client = PolywireClient.create(
                    vertx, url, new ClientOptions().transports(List.of(wire)).remember(false));
            client.onReset(reset -> resets.add(reset.reason()));
            client.onState(change -> {
                if (change.state() == State.CONNECTED) {
                    sessions.add(String.valueOf(client.sessionId()));
                }
            });
            channels = names.stream().map(client::channel).toList();
            witnesses = names.stream().map(name -> new Witness()).toList();
            for (int c = 0; c < names.size(); c++) {
                Witness witness = witnesses.get(c);
                channels.get(c).on("*", message -> witness.message(message.payload(), message.position()));
                channels.get(c).onGap(gap -> witness.gap());
            }
            client.connect();
            channels.forEach(channel -> subscribe(vertx, channel));
        }

        /** As an application does whose server has just been started and does not reach its store yet; whoever waits for it has a deadline. */
        private static void subscribe(Vertx vertx, Channel channel) {
            channel.subscribe().onFailure(refused -> {
                if (refused instanceof PolywireException told && told.code().equals("unavailable")) {
                    vertx.setTimer(Math.max(500, told.retryAfter().toMillis()), later -> subscribe(vertx, channel));
                }
            });
        }

        @Override
        public String toString() {
            return wire + " " + client.state() + ", " + stored + " stored, " + waiting + " waiting, ended " + resets;
        }
    }

    private final Vertx vertx;
    private final List<Member> members;
    private final List<Stored> stored = new CopyOnWriteArrayList<>();
    private final List<Long> timers = new ArrayList<>();

    /**
     * Starts it and waits until all are subscribed.
     *
     * @param port where the nodes are
     * @param run as of the other crowd, whose channels these are
     */
    JavaCrowd(Vertx vertx, int port, String run) {
        this.vertx = vertx;
        List<String> names = IntStream.range(0, Crowd.CHANNELS)
                .mapToObj(c -> "feed:" + run + "-" + c)
                .toList();
        String url = "http://127.0.0.1:" + port + "/realtime";
        members = List.of("websocket", "sse", "longpoll").stream()
                .map(wire -> new Member(vertx, url, wire, names))
                .toList();
        Await.until(
                "the Java clients are subscribed",
                BACK,
                () -> members.stream()
                        .allMatch(member -> member.channels.stream().allMatch(Channel::subscribed)));
        members.forEach(member -> timers.add(vertx.setPeriodic(PAUSE_MS, due -> publish(member))));
    }

    private void publish(Member member) {
        if (member.waiting.get() >= WINDOW) {
            return;
        }
        int n = ++member.published;
        int c = n % member.channels.size();
        Witness.Label label = new Witness.Label("java " + member.wire, n);
        member.waiting.incrementAndGet();
        member.channels
                .get(c)
                .publish("N", label.payload(), new PublishOptions().timeout(Duration.ofSeconds(20)))
                .onSuccess(published -> {
                    Position at = published.position();
                    if (at != null) {
                        stored.add(new Stored(c, label, at));
                        member.stored.incrementAndGet();
                    }
                })
                .onComplete(done -> member.waiting.decrementAndGet());
    }

    /** Waits until each of them has a connection and has stored some more: then things go on. */
    void goesOn() {
        List<Integer> before =
                members.stream().map(member -> member.stored.get()).toList();
        Await.until(
                "the Java clients go on, " + this,
                BACK,
                () -> IntStream.range(0, members.size())
                        .allMatch(m -> members.get(m).client.state() == State.CONNECTED
                                && members.get(m).stored.get() >= before.get(m) + 10));
    }

    /** Stops publishing. */
    void stop() {
        timers.forEach(vertx::cancelTimer);
        timers.clear();
    }

    /** Waits for what is on its way, and returns what went wrong: nothing, if all is well. */
    List<String> wrong() {
        try {
            Await.until("the answers", BACK, () -> members.stream().allMatch(member -> member.waiting.get() == 0));
            Await.until("all that is stored", BACK, () -> lost().isEmpty());
        } catch (AssertionError late) {
            // Told below, with names.
        }
        List<String> all = new ArrayList<>(lost());
        for (Member member : members) {
            member.witnesses.forEach(witness -> witness.wrong().forEach(what -> all.add(member + " " + what)));
            if (member.waiting.get() > 0) {
                all.add(member + " has publishes without an answer");
            }
            // A session that is another one than before was told.
            if (member.sessions.size() != 1 + member.resets.size()) {
                all.add(member + " has had the sessions " + member.sessions);
            }
            if (member.witnesses.stream().mapToInt(Witness::received).sum() < stored.size() / 2) {
                all.add(member + " has heard next to nothing");
            }
        }
        return all;
    }

    private List<String> lost() {
        List<String> all = new ArrayList<>();
        for (Member member : members) {
            for (Stored one : stored) {
                if (member.witnesses.get(one.channel()).lacks(one.label(), one.at())) {
                    all.add(member + " lacks " + one);
                }
            }
        }
        return all;
    }

    /** Returns why sessions had ended, for those who opened the next. */
    List<String> resets() {
        return members.stream().flatMap(member -> member.resets.stream()).toList();
    }

    @Override
    public String toString() {
        return "Java " + members;
    }

    @Override
    public void close() {
        stop();
        members.forEach(member -> member.client.close());
    }
}
