package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A hand-moved place, a model of a server, and clients of it whose events are noted. */
final class World {
    final HandPlace place = new HandPlace();
    final Model model = new Model(place);
    final List<PolywireClient.StateChange> states = new ArrayList<>();
    final List<String> wires = new ArrayList<>();
    final List<PolywireClient.Reset> resets = new ArrayList<>();
    final List<PolywireClient.Loss> losses = new ArrayList<>();
    final List<Gap> gaps = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    final List<PolywireClient.Expiring> expiring = new ArrayList<>();
    int resumed;
    int closed;

    World() {
        beat();
    }

    /** The server's heartbeats, without which every wire would be given up as silent. */
    private void beat() {
        place.later(model.heartbeat, () -> {
            for (Model.Session session : model.sessions.values()) {
                if (session.wire != null) {
                    session.wire.send(new JsonObject().put("type", "ping").put("count", session.wire.next - 1));
                }
            }
            beat();
        });
    }

    static ClientOptions options() {
        return new ClientOptions().remember(false);
    }

    LiveClient client(ClientOptions options) {
        LiveClient client = new LiveClient(place, "http://server/realtime", options, model.openers(), () -> closed++);
        client.onState(states::add);
        client.onTransport(change -> wires.add(change.transport()));
        client.onReset(resets::add);
        client.onLost(losses::add);
        client.onGap(gaps::add);
        client.onError(errors::add);
        client.onExpiring(expiring::add);
        client.onResumed(wire -> resumed++);
        return client;
    }

    /** A client that is connected. */
    LiveClient open(ClientOptions options) {
        LiveClient client = client(options);
        client.connect();
        place.pass(1000);
        return client;
    }

    List<State> states() {
        return states.stream().map(PolywireClient.StateChange::state).toList();
    }

    /** The code with which a future has failed. */
    static String code(io.vertx.core.Future<?> future) {
        return future.failed() && future.cause() instanceof PolywireException e ? e.code() : String.valueOf(future);
    }
}
