package dev.polywire.session;

import static dev.polywire.session.Several.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Revocation;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Peers;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator does at one node happens on all. */
class EverywhereTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final Several several = new Several(3, options -> {}) {
        @Override
        void setUp(Realtime realtime) {
            realtime.authenticator((token, who) -> Future.succeededFuture(Principal.of(String.valueOf(token))));
        }
    };
    private final OneNode a = several.a();
    private final OneNode b = several.b();
    private final OneNode c = several.nodes.get(2);

    @AfterEach
    void close() {
        several.close();
    }

    private static PaperWire open(OneNode at, String user) {
        return open(at, user, OneNode.NONCE);
    }

    private static PaperWire open(OneNode at, String user, String nonce) {
        return at.open(PaperWire.socket(), nonce, user);
    }

    private int revoke(OneNode by, Revocation what) {
        return Await.get("revoked", by.realtime.sessions().revoke(what, HOUR));
    }

    @Test
    void aUserIsDisconnectedEverywhere() {
        PaperWire one = open(a, "ann");
        PaperWire two = open(b, "ann");
        PaperWire other = open(b, "bob");
        int count = Await.get("ended", c.realtime.sessions().disconnect("ann", CloseReason.DISCONNECTED));
        assertThat(count).isEqualTo(2);
        assertThat(a.alive(one)).isFalse();
        assertThat(b.alive(two)).isFalse();
        assertThat(b.alive(other)).isTrue();
        assertThat(two.heard("bye").get(0).getString("reason")).isEqualTo("disconnected");
    }

    private static PaperWire subscribed(OneNode at, String user) {
        PaperWire wire = open(at, user);
        wire.up(Several.subscribe());
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private void park(OneNode at) {
        Await.get("the drain", at.realtime.drain(Duration.ZERO).map(true));
    }

    private int disconnect(OneNode by, String user) {
        return Await.get("ended", by.realtime.sessions().disconnect(user, CloseReason.DISCONNECTED));
    }

    private static void assertDisconnected(OneNode at, PaperWire of, int attach) {
        PaperWire wire = at.resume(PaperWire.socket(), of, of.secret(), attach, Several.counted(of), 0);
        assertThat(Several.welcome(wire).getBoolean("resumed")).isFalse();
        assertThat(Several.welcome(wire).getString("reason")).isEqualTo("disconnected");
    }

    private static void assertResumed(OneNode at, PaperWire of, int attach) {
        PaperWire wire = at.resume(PaperWire.socket(), of, of.secret(), attach, Several.counted(of), 0);
        assertThat(Several.welcome(wire).getBoolean("resumed")).isTrue();
    }

    @Test
    void aSessionThatWasParkedWhenItsUserWasDisconnectedEndsWhereItComesTo() {
        PaperWire watcher = subscribed(c, "bob");
        PaperWire one = subscribed(a, "ann");
        PaperWire two = open(a, "cid");
        park(a);
        assertThat(disconnect(c, "ann")).isZero();
        assertDisconnected(b, one, 1);
        Await.until("the application is told", () -> b.ended.contains(one.id() + " disconnected"));
        assertDisconnected(c, one, 2);
        assertResumed(c, two, 1);
        Await.until("presence is left", () -> watcher.heard("leave").size() == 1);
        assertThat(b.alive(one)).isFalse();
        assertThat(a.ended).isEmpty();
    }

    @Test
    void soDoesOneThatIsOnItsWayFromNodeToNode() {
        PaperWire one = open(a, "ann");
        Await.get(
                "the gift",
                Several.among(a)
                        .moves()
                        .owned()
                        .give(a.session(one), several.ways.get(1).self(), CloseReason.REPLACED)
                        .map(true));
        disconnect(c, "ann");
        assertDisconnected(b, one, 1);
    }

    @Test
    void oneThatIsOpenedAfterTheDisconnectGoesOnWhereverItComesTo() {
        PaperWire before = open(a, "ann");
        assertThat(disconnect(c, "ann")).isEqualTo(1);
        assertThat(a.alive(before)).isFalse();
        PaperWire one = open(a, "ann");
        park(a);
        assertResumed(b, one, 1);
        assertResumed(c, one, 2);
        // The next one means it.
        assertThat(disconnect(b, "ann")).isEqualTo(1);
        assertDisconnected(c, one, 3);
    }

    @Test
    void whoJoinsLearnsWhoWasDisconnected() {
        PaperWire one = open(a, "ann");
        park(a);
        disconnect(b, "ann");
        for (int i = 0; i < 4_000; i++) {
            b.engine.expulsion().marks().add("u" + i, 1, 1_000_000);
        }
        OneNode late = several.add(options -> {});
        assertThat(late.engine.expulsion().marks().size()).isEqualTo(4_001);
        assertDisconnected(late, one, 1);
    }

    @Test
    void aNodeByItselfKeepsNoMarks() {
        try (OneNode alone = new OneNode(new RealtimeOptions(), realtime -> {})) {
            assertThat(disconnect(alone, "ann")).isZero();
            assertThat(alone.engine.expulsion().marks().size()).isZero();
        }
    }

    @Test
    void aRevocationHoldsEverywhereUntilItIsTakenBack() {
        PaperWire one = open(a, "ann");
        assertThat(revoke(b, new Revocation.User("ann"))).isEqualTo(1);
        assertThat(a.alive(one)).isFalse();
        for (OneNode node : several.nodes) {
            assertThat(refused(() -> open(node, "ann")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        }
        assertThat(Await.get("restored", c.realtime.sessions().restore(new Revocation.User("ann"))))
                .isTrue();
        assertThat(Await.get("restored", c.realtime.sessions().restore(new Revocation.User("ann"))))
                .isFalse();
        several.nodes.forEach(node -> assertThat(node.alive(open(node, "ann"))).isTrue());
    }

    @Test
    void theClientOfARevokedSessionIsRefusedEverywhereToo() {
        PaperWire one = open(a, "ann");
        assertThat(revoke(b, new Revocation.OneSession(one.id()))).isEqualTo(1);
        for (OneNode node : several.nodes) {
            assertThat(refused(() -> open(node, "ann")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        }
        assertThat(c.alive(open(c, "ann", "anotherpage01234"))).isTrue();
    }

    @Test
    void whoJoinsLearnsWhatIsRevoked() {
        PaperWire one = open(a, "eve");
        revoke(a, new Revocation.User("ann"));
        revoke(a, new Revocation.Issued("bob", Instant.now()));
        revoke(a, new Revocation.Token("t-1"));
        revoke(b, new Revocation.OneSession(one.id()));
        for (int i = 0; i < 5_000; i++) {
            a.engine.revocations().add(new Revocation.User("u" + i), null, 1_000_000);
        }
        OneNode late = several.add(options -> {});
        assertThat(late.engine.revocations().size()).isEqualTo(5_005);
        assertThat(refused(() -> open(late, "ann")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(() -> open(late, "bob")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(() -> open(late, "eve")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(() -> open(late, "u4321")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(late.alive(open(late, "eve", "anotherpage01234"))).isTrue();
    }

    @Test
    void whoWasBuriedLearnsAgain() {
        several.cluster.patience(50);
        several.ways.get(1).silent(true);
        assertThatThrownBy(() -> revoke(a, new Revocation.User("ann"))).hasStackTraceContaining("Not every node");
        several.ways.get(1).silent(false);
        several.ways.get(1).bury();
        Await.until("it knows", () -> b.engine.revocations().size() == 1);
        assertThat(refused(() -> open(b, "ann")).code()).isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void aNodeThatDoesNotAnswerIsToldOf_andTheOthersHaveDoneIt() {
        several.cluster.patience(50);
        PaperWire one = open(a, "ann");
        PaperWire two = open(b, "ann");
        several.ways.get(1).silent(true);
        assertThatThrownBy(() -> Await.get("ended", c.realtime.sessions().disconnect("ann", CloseReason.DISCONNECTED)))
                .hasStackTraceContaining("Not every node");
        Await.until("ended where it could be", () -> !a.alive(one));
        assertThat(b.alive(two)).isTrue();
        several.ways.get(1).kill();
        assertThat(Await.get("nobody", c.realtime.sessions().disconnect("ann", CloseReason.DISCONNECTED)))
                .isZero();
    }

    @Test
    void aTicketOpensAtEveryNodeOnce() {
        String ticket = a.engine.ticketOffice().issue(Principal.of("ann"));
        assertThat(ticket).startsWith("pwt_" + several.ways.get(0).self() + '.');
        assertThat(Await.get("holder", c.engine.ticketOffice().holder(ticket)).id())
                .isEqualTo("ann");
        PaperWire wire = open(b, ticket);
        assertThat(wire.heard("welcome").get(0).getString("user")).isEqualTo("ann");
        assertThat(refused(() -> open(c, ticket)).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
        assertThat(refused(() -> open(a, ticket)).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
        assertThat(refused(() -> open(a, "pwt_nobodyhere.AAAAAAAAAAAAAAAAAAAAAA"))
                        .code())
                .isEqualTo(ErrorCode.UNAUTHENTICATED);
        assertThat(refused(() -> open(a, "pwt_.AAAAAAAAAAAAAAAAAAAAAA")).code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }

    @Test
    void aTicketOfANodeThatIsSilentIsForLater() {
        several.cluster.patience(50);
        String ticket = a.engine.ticketOffice().issue(Principal.of("ann"));
        several.ways.get(0).silent(true);
        assertThat(refused(() -> open(b, ticket)).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void theNodesAreListedWithTheirSessions() {
        open(a, "ann");
        List<Peers.Node> nodes = Await.get("nodes", a.realtime.nodes());
        assertThat(nodes).hasSize(3);
        Peers.Node mine = nodes.stream()
                .filter(node -> node.name().equals(several.ways.get(0).self()))
                .findFirst()
                .orElseThrow();
        assertThat(mine.facts().getInteger("sessions")).isEqualTo(1);
        assertThat(mine.facts().getJsonObject("sessionsByTransport").getInteger("websocket"))
                .isEqualTo(1);
    }

    @Test
    void aNodeWithoutAClusterIsAlone() {
        try (OneNode alone = new OneNode(new RealtimeOptions(), realtime -> {})) {
            List<Peers.Node> nodes = Await.get("nodes", alone.realtime.nodes());
            assertThat(nodes).hasSize(1);
            assertThat(nodes.get(0).name()).isEmpty();
            assertThat(nodes.get(0).facts().getInteger("sessions")).isZero();
        }
    }

    @Test
    void whoCannotLearnDoesNotServe() {
        several.cluster.patience(20);
        several.ways.get(0).silent(true);
        OneNode late = new OneNode(new RealtimeOptions(), realtime -> realtime.cluster(several.cluster.node()));
        assertThatThrownBy(() -> Await.get("ready", late.realtime.ready().map(true)))
                .hasStackTraceContaining("No answer");
        assertThat(refused(() -> late.open(PaperWire.socket())).status()).isEqualTo(503);
        late.close();
    }
}
