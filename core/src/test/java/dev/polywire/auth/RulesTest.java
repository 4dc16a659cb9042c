package dev.polywire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer;
import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ready-made rules, one by one and combined. */
class RulesTest {
    private static final Authorizer CLAIMS = Rules.firstOf(Rules.claims());

    private static Principal with(String claims) {
        return new Principal("ann", new JsonObject(claims), null);
    }

    private static boolean ask(Authorizer authorizer, Principal who, Action action, String target) {
        return Await.get("an answer", authorizer.authorize(who, action, target));
    }

    @ParameterizedTest
    @CsvSource({
        "SUBSCRIBE, chat:1, true", "PUBLISH, chat:1, true", "HISTORY, chat:1, false", "PRESENCE, chat:1, false",
        "SUBSCRIBE, news, true", "PUBLISH, news, false", "SUBSCRIBE, news:1, false", "SUBSCRIBE, chat, false",
        "HISTORY, old:1, true", "PRESENCE, old:1, true", "SUBSCRIBE, old:1, false", "SUBSCRIBE, chat:*, true",
        "SUBSCRIBE, other, false", "CONNECT, chat:1, false", "REQUEST, chat:1, false"
    })
    @DisplayName("the claim allows what it lists, and nothing else")
    void claims(Action action, String channel, boolean allowed) {
        Principal who = with("""
                {"channels": {"chat:*": ["subscribe", "publish"], "news": ["subscribe"], "old:1": ["history", "presence"]}}""");
        assertThat(ask(CLAIMS, who, action, channel)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "\"chat:1\"",
                "[\"chat:1\"]",
                "{\"chat:1\": \"subscribe\"}",
                "{\"chat:1\": {\"subscribe\": true}}",
                "{\"chat:1\": [\"subscribe\", 7]}",
                "{\"chat:1\": [\"subscribe\", null]}",
                "{\"chat:1\": [\"SUBSCRIBE\"]}",
                "{\"chat:1\": [\"subscribe\", \"everything\"]}",
                "{\"chat:1\": [\"subscribe\", \"connect\"]}",
                "{\"chat:1\": [\"subscribe\"], \"c*t:1\": [\"publish\"]}",
                "{\"chat:1\": [\"subscribe\"], \"**\": []}",
                "{\"chat:1\": [\"subscribe\"], \"\": []}",
                "{\"chat:1\": [\"subscribe\"], \"x\": null}"
            })
    @DisplayName("a claim that is not as it should be allows nothing, not even by the rules after it")
    void malformed(String claim) {
        Principal who = with("{\"channels\": " + claim + "}");
        Authorizer generous = Rules.firstOf(Rules.claims(), Rules.allow(Action.values()));
        assertThat(ask(CLAIMS, who, Action.SUBSCRIBE, "chat:1")).isFalse();
        assertThat(ask(generous, who, Action.SUBSCRIBE, "chat:1")).isFalse();
        assertThat(ask(generous, who, Action.PUBLISH, "other")).isFalse();
        assertThat(ask(generous, who, Action.CONNECT, "websocket")).isTrue();
    }

    @Test
    @DisplayName("without the claim the rule has no opinion")
    void noClaim() {
        assertThat(ask(CLAIMS, with("{}"), Action.SUBSCRIBE, "chat:1")).isFalse();
        assertThat(ask(
                        Rules.firstOf(Rules.claims(), Rules.allow(Action.SUBSCRIBE)),
                        with("{}"),
                        Action.SUBSCRIBE,
                        "chat:1"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "acme/chat:1, true", "acme/, true", "acme/deep/er, true", "acme, false", "acmes/chat:1, false",
        "globex/chat:1, false", "chat:1, false", "user:bob, false", "user:ann, true", "user:ann2, false"
    })
    @DisplayName("a tenant's users are confined to the tenant's channels and their own")
    void tenants(String channel, boolean allowed) {
        Authorizer rules = Rules.firstOf(Rules.tenants(), Rules.allow(Action.values()));
        for (Action action : new Action[] {Action.SUBSCRIBE, Action.PUBLISH, Action.PRESENCE, Action.HISTORY}) {
            assertThat(ask(rules, with("{\"tenant\": \"acme\"}"), action, channel))
                    .as(action.name())
                    .isEqualTo(allowed);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"tenant\": null}",
                "{\"tenant\": 7}",
                "{\"tenant\": \"\"}",
                "{\"tenant\": [\"a\"]}",
                "{\"tenant\": \"a/b\"}",
                "{\"tenant\": \"a:b\"}"
            })
    @DisplayName("who has no tenant has no channels")
    void noTenant(String claims) {
        Authorizer rules = Rules.firstOf(Rules.tenants(), Rules.allow(Action.values()));
        for (String channel : new String[] {"a/b/c", "a/b", "/x", "7/x", "null/x", "chat:1", "a:b/c"}) {
            assertThat(ask(rules, with(claims), Action.SUBSCRIBE, channel))
                    .as(channel)
                    .isFalse();
        }
        assertThat(ask(rules, with(claims), Action.CONNECT, "sse")).isTrue();
        assertThat(ask(rules, with(claims), Action.REQUEST, "time")).isTrue();
    }

    @Test
    @DisplayName("a tenant by another claim, and claims within the tenant")
    void combined() {
        Authorizer rules =
                Rules.firstOf(Rules.personal(), Rules.tenants("org"), Rules.claims(), Rules.allow(Action.CONNECT));
        Principal who = with("{\"org\": \"acme\", \"channels\": {\"acme/*\": [\"subscribe\"], \"*\": [\"publish\"]}}");
        assertThat(ask(rules, who, Action.SUBSCRIBE, "acme/chat:1")).isTrue();
        assertThat(ask(rules, who, Action.PUBLISH, "acme/chat:1")).isTrue();
        assertThat(ask(rules, who, Action.PUBLISH, "globex/chat:1")).isFalse();
        assertThat(ask(rules, who, Action.SUBSCRIBE, "user:ann")).isTrue();
        assertThat(ask(rules, who, Action.SUBSCRIBE, "user:bob")).isFalse();
        assertThat(ask(rules, who, Action.CONNECT, "sse")).isTrue();
        assertThat(ask(rules, who, Action.REQUEST, "time")).isFalse();
    }

    @Test
    @DisplayName("the personal channel is for reading, and not for who is anonymous")
    void personal() {
        Authorizer rules = Rules.firstOf(Rules.personal());
        assertThat(ask(rules, Principal.of("ann"), Action.HISTORY, "user:ann")).isTrue();
        assertThat(ask(rules, Principal.of("ann"), Action.PRESENCE, "user:ann")).isTrue();
        assertThat(ask(rules, Principal.of("ann"), Action.PUBLISH, "user:ann")).isFalse();
        assertThat(ask(rules, Principal.ANONYMOUS, Action.SUBSCRIBE, "user:null"))
                .isFalse();
    }

    @Test
    @DisplayName("the first opinion decides, and no rule after it is asked, also when it comes late")
    void first() {
        AtomicInteger asked = new AtomicInteger();
        Promise<Rule.Opinion> late = Promise.promise();
        Authorizer rules = Rules.firstOf(
                (who, action, target) -> late.future(),
                Rules.of((who, action, target) -> {
                    asked.incrementAndGet();
                    return Future.succeededFuture(!target.equals("no"));
                }),
                Rules.allow(Action.values()));
        Future<Boolean> denied = rules.authorize(Principal.ANONYMOUS, Action.SUBSCRIBE, "x");
        late.complete(Rule.Opinion.DENY);
        assertThat(denied.result()).isFalse();
        assertThat(asked).hasValue(0);
        Authorizer rest = Rules.firstOf(
                (who, action, target) -> Future.succeededFuture(Rule.Opinion.NONE),
                Rules.of((who, action, target) -> Future.succeededFuture(!target.equals("no"))),
                Rules.allow(Action.values()));
        assertThat(ask(rest, Principal.ANONYMOUS, Action.SUBSCRIBE, "yes")).isTrue();
        assertThat(ask(rest, Principal.ANONYMOUS, Action.SUBSCRIBE, "no")).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("all must agree, and nobody is nobody's consent")
    void all(Action action) {
        Authorizer yes = Authorizer.ALLOW_ALL;
        Authorizer no = (who, what, target) -> Future.succeededFuture(false);
        Promise<Boolean> late = Promise.promise();
        assertThat(ask(Rules.allOf(yes, yes), Principal.ANONYMOUS, action, "x")).isTrue();
        assertThat(ask(Rules.allOf(yes, no), Principal.ANONYMOUS, action, "x")).isFalse();
        assertThat(ask(Rules.allOf(no, yes), Principal.ANONYMOUS, action, "x")).isFalse();
        assertThat(ask(Rules.allOf(), Principal.ANONYMOUS, action, "x")).isFalse();
        assertThat(ask(Rules.firstOf(), Principal.ANONYMOUS, action, "x")).isFalse();
        Future<Boolean> both =
                Rules.allOf(yes, (who, what, target) -> late.future(), yes).authorize(Principal.ANONYMOUS, action, "x");
        assertThat(both.isComplete()).isFalse();
        late.complete(true);
        assertThat(both.result()).isTrue();
    }

    @Test
    @DisplayName("a rule that fails refuses, whatever the rules after it would say")
    void failing() {
        Authorizer rules = Rules.firstOf(
                (who, action, target) -> Future.failedFuture("thrown by a test"), Rules.allow(Action.values()));
        assertThat(rules.authorize(Principal.ANONYMOUS, Action.SUBSCRIBE, "x").failed())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"sub\":\"ann\",\"channel\":\"a:1\",\"exp\":1}', true",
                "'{\"sub\":\"bob\",\"channel\":\"a:1\",\"exp\":1}', false",
        "'{\"sub\":\"ann\",\"channel\":\"a:*\",\"exp\":1}', false", "'{\"sub\":\"ann\",\"channel\":\"a:1\"}', false",
        "'{\"channel\":\"a:1\",\"exp\":1}', false", "'{\"sub\":\"ann\",\"channel\":[\"a:1\"],\"exp\":1}', false",
        "'{\"sub\":\"ann\",\"exp\":1}', false"
    })
    @DisplayName("a channel's token is for one user and one channel, and expires")
    void channelTokens(String claims, boolean allowed) {
        ChannelTokens tokens = new ChannelTokens((token, who) -> {
            JsonObject said = new JsonObject(String.valueOf(token));
            Long end = said.getLong("exp");
            return Future.succeededFuture(
                    new Principal(said.getString("sub"), said, end == null ? null : Instant.ofEpochSecond(end)));
        });
        assertThat(Await.get("a verdict", tokens.verify(Principal.of("ann"), "a:1", claims)))
                .isEqualTo(allowed);
        assertThat(Await.get("a verdict", tokens.verify(Principal.ANONYMOUS, "a:1", claims)))
                .isFalse();
        ChannelTokens refusing = new ChannelTokens((token, who) -> Future.failedFuture("bad signature"));
        assertThat(Await.get("a verdict", refusing.verify(Principal.of("ann"), "a:1", claims)))
                .isFalse();
    }
}
