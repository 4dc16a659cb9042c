package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.Revocation;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Peers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is done on all nodes: each is asked, and answers what came of it there. Safe for all threads. */
final class Everywhere {
    /** How long a node may take, milliseconds. */
    static final long PATIENCE = 5_000;

    /** How often a node that does not answer is asked for what was revoked before this node does without. */
    private static final int TRIES = 5;

    /** How long it is left alone before it is asked again, milliseconds: one that has too much to answer says so at once. */
    private static final long PAUSE = 500;

    /** About how many revocations and disconnects go into an answer. */
    private static final int SLICE = 2_000;

    private final Engine engine;
    private final Peers peers;
    private final Vertx vertx;

    Everywhere(Engine engine, Peers peers, Vertx vertx) {
        this.engine = engine;
        this.peers = peers;
        this.vertx = vertx;
    }

    // ---- asking ----------------------------------------------------------------------------------------------------

    /** Ends a user's sessions on the other nodes; completes with how many there were. */
    Future<Integer> disconnect(String user, CloseReason reason, long at) {
        return ask(new JsonObject()
                        .put("do", "disconnect")
                        .put("user", user)
                        .put("reason", reason.name())
                        .put("at", at))
                .map(Everywhere::sum);
    }

    /** Revokes on the other nodes; completes with how many sessions and bare reads there were. */
    Future<Integer> revoke(Revocation what, @Nullable String client, long millis) {
        return ask(revoking(what, client, millis)).compose(answers -> {
            int count = sum(answers);
            String found = answers.stream()
                    .map(answer -> answer.getString("client"))
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            if (client != null || found == null) {
                return Future.succeededFuture(count);
            }
            // Where the session was is known who its client is, which goes with it on all nodes.
            engine.revocations().add(what, found, millis);
            return ask(revoking(what, found, millis)).map(again -> count);
        });
    }

    private static JsonObject revoking(Revocation what, @Nullable String client, long millis) {
        return RevocationJson.write(what, client, millis).put("do", "revoke");
    }

    /** Takes a revocation back on the other nodes; completes with whether any had it. */
    Future<Boolean> restore(Revocation what) {
        return ask(RevocationJson.write(what, null, 0).put("do", "restore")).map(answers -> sum(answers) > 0);
    }

    /** Asks a node whose ticket a client has shown whom it handed that out to; a node that is dead has none. */
    Future<Principal> ticket(String node, String ticket, boolean use) {
        return ask(
                        node,
                        new JsonObject()
                                .put("do", "ticket")
                                .put("ticket", ticket)
                                .put("use", use))
                .recover(cause -> isDead(cause) ? Future.succeededFuture(new JsonObject()) : Future.failedFuture(cause))
                .compose(TicketOffice::answered);
    }

    private static int sum(List<JsonObject> answers) {
        return answers.stream()
                .mapToInt(answer -> answer.getInteger("count", 0))
                .sum();
    }

    /** Asks all others; fails when one of them, that is not dead, has not answered that it was done. */
    private Future<List<JsonObject>> ask(JsonObject question) {
        return others().compose(others -> {
            List<Future<JsonObject>> asked =
                    others.stream().map(node -> ask(node, question)).toList();
            return Future.join(asked).transform(all -> {
                List<JsonObject> answers = new ArrayList<>();
                for (Future<JsonObject> one : asked) {
                    if (one.succeeded() && !one.result().getBoolean("failed", false)) {
                        answers.add(one.result());
                    } else if (one.succeeded() || !isDead(one.cause())) {
                        return Future.failedFuture(new ProtocolException(
                                ErrorCode.UNAVAILABLE,
                                "Not every node has answered that it is done; to ask again does no harm."));
                    }
                }
                return Future.succeededFuture(answers);
            });
        });
    }

    private Future<List<String>> others() {
        return peers.nodes()
                .map(nodes -> nodes.stream()
                        .map(Peers.Node::name)
                        .filter(name -> !name.equals(peers.self()))
                        .toList());
    }

    private Future<JsonObject> ask(String node, JsonObject question) {
        Buffer bytes = RelayFrames.write(new RelayFrames.Admin(question));
        return peers.ask(node, bytes, PATIENCE)
                .compose(answer -> RelayFrames.answer(answer) instanceof RelayFrames.Told told
                        ? Future.succeededFuture(told.what())
                        : Future.failedFuture("no such answer"));
    }

    private static boolean isDead(Throwable cause) {
        return cause instanceof ProtocolException told && told.code() == ErrorCode.LOST;
    }

    // ---- learning --------------------------------------------------------------------------------------------------

    /** Takes over what was revoked, and who was disconnected, on the others while this node was not there; fails when a node that is not dead does not tell. */
    Future<Void> learn() {
        return others().compose(others -> Future.join(
                        others.stream().map(node -> learn(node, TRIES)).toList())
                .onSuccess(all -> engine.registry()
                        .all()
                        .forEach(session ->
                                session.loop().run(() -> engine.access().expel(session))))
                .mapEmpty());
    }

    private Future<Void> learn(String node, int tries) {
        return slice(node, 0, 0)
                .compose(slices -> {
                    Future<Integer> last = Future.succeededFuture(slices);
                    for (int i = 0; slices > 1 && i < slices; i++) {
                        int slice = i;
                        last = last.compose(done -> slice(node, slice, slices));
                    }
                    return last;
                })
                .<Void>mapEmpty()
                .recover(cause -> isDead(cause)
                        ? Future.succeededFuture()
                        : tries > 1
                                ? vertx.timer(PAUSE, TimeUnit.MILLISECONDS).compose(pause -> learn(node, tries - 1))
                                : Future.failedFuture(cause));
    }

    private Future<Integer> slice(String node, int slice, int of) {
        return ask(
                        node,
                        new JsonObject()
                                .put("do", "revocations")
                                .put("slice", slice)
                                .put("of", of))
                .map(answer -> {
                    for (Object one : answer.getJsonArray("disconnected")) {
                        engine.expulsion().marks().learn((JsonObject) one);
                    }
                    for (Object one : answer.getJsonArray("list")) {
                        JsonObject json = (JsonObject) one;
                        engine.revocations()
                                .learn(RevocationJson.read(json), json.getString("client"), json.getLong("millis"));
                    }
                    return answer.getInteger("of");
                });
    }

    // ---- answering -------------------------------------------------------------------------------------------------

    /** Does what another node asks for. */
    Future<JsonObject> asked(JsonObject question) {
        return switch (question.getString("do")) {
            case "disconnect" ->
                counted(engine.expulsion()
                        .disconnect(
                                question.getString("user"),
                                CloseReason.valueOf(question.getString("reason")),
                                question.getLong("at")));
            case "revoke" -> revoke(question);
            case "restore" ->
                counted(Future.succeededFuture(engine.revocations().remove(RevocationJson.read(question)) ? 1 : 0));
            case "ticket" ->
                Future.succeededFuture(
                        engine.ticketOffice().asked(question.getString("ticket"), question.getBoolean("use")));
            case "revocations" -> Future.succeededFuture(tell(question.getInteger("slice"), question.getInteger("of")));
            default -> Future.failedFuture("nobody knows what that means");
        };
    }

    private Future<JsonObject> revoke(JsonObject question) {
        Revocation what = RevocationJson.read(question);
        String told = question.getString("client");
        String client = told == null ? engine.expulsion().client(what) : told;
        return counted(engine.expulsion().revoke(what, client, question.getLong("millis")))
                .map(answer -> client == null || told != null ? answer : answer.put("client", client));
    }

    private static Future<JsonObject> counted(Future<Integer> ended) {
        return ended.map(count -> new JsonObject().put("count", count))
                .otherwise(cause -> new JsonObject().put("failed", true));
    }

    /** Tells a part of what is revoked and who was disconnected here, or in how many parts to ask for it. */
    private JsonObject tell(int slice, int of) {
        DisconnectMarks marks = engine.expulsion().marks();
        int slices = of > 0 ? of : 1 + (engine.revocations().size() + marks.size()) / SLICE;
        boolean none = of == 0 && slices > 1;
        return new JsonObject()
                .put("of", slices)
                .put(
                        "list",
                        new JsonArray(none ? List.of() : engine.revocations().slice(slice, slices)))
                .put("disconnected", new JsonArray(none ? List.of() : marks.slice(slice, slices)));
    }
}
