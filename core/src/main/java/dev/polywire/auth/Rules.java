package dev.polywire.auth;

import dev.polywire.Authorizer;
import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.auth.Rule.Opinion;
import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Ready-made rules for an {@link Authorizer}, and the ways to combine them. What nobody allows is refused.
 *
 * <p>The options of the channels hold in any case: an authoriser can refuse what they allow, and never allow what they refuse.
 */
public final class Rules {
    /** The claim that {@link #tenants()} looks at. */
    public static final String TENANT = "tenant";

    private static final Future<Opinion> ALLOW = Future.succeededFuture(Opinion.ALLOW);
    private static final Future<Opinion> DENY = Future.succeededFuture(Opinion.DENY);
    private static final Future<Opinion> NONE = Future.succeededFuture(Opinion.NONE);
    private static final Future<Boolean> YES = Future.succeededFuture(true);
    private static final Future<Boolean> NO = Future.succeededFuture(false);

    private Rules() {}

    /**
     * Makes an authoriser of rules that are asked in order: the first that has an opinion decides.
     *
     * @param rules when none has an opinion, it is refused: connecting and requests, too, need a rule that allows them
     * @return an authoriser
     */
    public static Authorizer firstOf(Rule... rules) {
        List<Rule> order = List.of(rules);
        return (principal, action, target) -> first(order, 0, principal, action, target);
    }

    private static Future<Boolean> first(
            List<Rule> rules, int from, Principal principal, Action action, String target) {
        for (int i = from; i < rules.size(); i++) {
            Future<Opinion> opinion = rules.get(i).judge(principal, action, target);
            if (!opinion.succeeded()) {
                int next = i + 1;
                return opinion.compose(later -> decided(later)
                        ? later == Opinion.ALLOW ? YES : NO
                        : first(rules, next, principal, action, target));
            }
            if (decided(opinion.result())) {
                return opinion.result() == Opinion.ALLOW ? YES : NO;
            }
        }
        return NO;
    }

    private static boolean decided(Opinion opinion) {
        return Objects.requireNonNull(opinion, "a rule's opinion") != Opinion.NONE;
    }

    /**
     * Makes an authoriser of several that must all agree; they are asked in order, until one refuses.
     *
     * @param authorizers with none, everything is refused
     * @return an authoriser
     */
    public static Authorizer allOf(Authorizer... authorizers) {
        List<Authorizer> order = List.of(authorizers);
        return (principal, action, target) -> order.isEmpty() ? NO : all(order, 0, principal, action, target);
    }

    private static Future<Boolean> all(
            List<Authorizer> authorizers, int from, Principal principal, Action action, String target) {
        for (int i = from; i < authorizers.size(); i++) {
            Future<Boolean> answer = authorizers.get(i).authorize(principal, action, target);
            if (!answer.succeeded()) {
                int next = i + 1;
                return answer.compose(
                        later -> Boolean.TRUE.equals(later) ? all(authorizers, next, principal, action, target) : NO);
            }
            if (!Boolean.TRUE.equals(answer.result())) {
                return NO;
            }
        }
        return YES;
    }

    /**
     * Returns a rule that lets everybody do some things.
     *
     * @param actions what is allowed, whoever asks; of other things it has no opinion
     * @return a rule
     */
    public static Rule allow(Action... actions) {
        Set<Action> allowed = EnumSet.noneOf(Action.class);
        allowed.addAll(List.of(actions));
        return (principal, action, target) -> allowed.contains(action) ? ALLOW : NONE;
    }

    /**
     * Returns a rule that always has the opinion of an authoriser, so that none after it is asked.
     *
     * @param authorizer the authoriser
     * @return a rule
     */
    public static Rule of(Authorizer authorizer) {
        return (principal, action, target) ->
                authorizer.authorize(principal, action, target).compose(yes -> Boolean.TRUE.equals(yes) ? ALLOW : DENY);
    }

    /**
     * Returns a rule that lets each user read {@code user:<own id>}: subscribe, and ask for history and members. The options see to it
     * that nobody else may; this is for an authoriser that refuses what it does not know.
     *
     * @return a rule without an opinion of other channels, of other actions, and of who is anonymous
     */
    public static Rule personal() {
        return (principal, action, target) ->
                reads(action) && principal.id() != null && target.equals("user:" + principal.id()) ? ALLOW : NONE;
    }

    private static boolean reads(Action action) {
        return action == Action.SUBSCRIBE || action == Action.HISTORY || action == Action.PRESENCE;
    }

    /**
     * Returns a rule that goes by the claim {@code channels}; see {@link ChannelClaims}.
     *
     * @return it allows what the claim lists, refuses every channel when the claim is not as it should be, and has no opinion otherwise
     */
    public static Rule claims() {
        return (principal, action, target) -> switch (ChannelClaims.judge(principal.claims(), action, target)) {
            case ALLOW -> ALLOW;
            case DENY -> DENY;
            case NONE -> NONE;
        };
    }

    /**
     * Returns {@link #tenants(String)} by the claim {@value #TENANT}.
     *
     * @return a rule
     */
    public static Rule tenants() {
        return tenants(TENANT);
    }

    /**
     * Returns a rule that confines everybody to the channels of their tenant: with the claim {@code acme}, those that begin with
     * {@code acme/}. All others are refused, and all are when the claim is missing, is no string, is empty, or has a {@code /} or {@code :} in it.
     *
     * <p>It says what is refused and not what is allowed: of the tenant's own channels, of the user's personal one (users' ids must be
     * unique across tenants), and of what is about no channel, it has no opinion. So it comes before the rules that allow.
     *
     * @param claim the claim's name
     * @return a rule
     */
    public static Rule tenants(String claim) {
        return (principal, action, target) -> {
            if (action == Action.CONNECT || action == Action.REQUEST) {
                return NONE;
            }
            if (principal.id() != null && target.equals("user:" + principal.id())) {
                return NONE;
            }
            return principal.claims().getValue(claim) instanceof String tenant
                            && !tenant.isEmpty()
                            && tenant.indexOf('/') < 0
                            && tenant.indexOf(':') < 0
                            && target.length() > tenant.length()
                            && target.charAt(tenant.length()) == '/'
                            && target.startsWith(tenant)
                    ? NONE
                    : DENY;
        };
    }
}
