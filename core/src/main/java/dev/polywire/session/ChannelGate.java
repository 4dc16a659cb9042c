package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions;
import dev.polywire.ChannelOptions.Subscribers;
import dev.polywire.Principal;
import dev.polywire.RealtimeOptions;
import org.jspecify.annotations.Nullable;

/** What the options alone say about who may read a channel. The authoriser comes on top: it can refuse what this allows, and nothing else. */
final class ChannelGate {
    /** The namespace whose channels belong to the users they are named after, unless its own options say something else. */
    private static final String PERSONAL = "user";

    private final RealtimeOptions options;
    private final boolean personal;

    ChannelGate(RealtimeOptions options) {
        this.options = options;
        ChannelOptions own = options.namespaces().get(PERSONAL);
        // The general options are not asked: who opens all channels to everybody does not mean everybody's own.
        this.personal = own == null || own.subscribe() == Subscribers.DEFAULT;
    }

    /** Returns who may subscribe to a channel; never {@link Subscribers#DEFAULT}. */
    Subscribers subscribers(String channel) {
        if (personal && isPersonal(channel)) {
            return Subscribers.OWNER;
        }
        Subscribers who = options.channelOptions(channel).subscribe();
        return who == Subscribers.DEFAULT ? Subscribers.ANYONE : who;
    }

    private static boolean isPersonal(String channel) {
        int end = PERSONAL.length();
        return channel.startsWith(PERSONAL) && (channel.length() == end || channel.charAt(end) == ':');
    }

    /** Tells whether the options let somebody do something. A token is the caller's to look at. */
    boolean permits(Principal principal, Action action, String channel) {
        return switch (action) {
            case SUBSCRIBE, PRESENCE, HISTORY ->
                switch (subscribers(channel)) {
                    case DEFAULT, ANYONE, TOKEN -> true;
                    case AUTHENTICATED -> principal.id() != null;
                    case OWNER -> owns(principal.id(), channel);
                    case NOBODY -> false;
                };
            case CONNECT, PUBLISH, REQUEST -> true;
        };
    }

    private static boolean owns(@Nullable String user, String channel) {
        int colon = channel.indexOf(':');
        return user != null
                && !user.isEmpty()
                && colon >= 0
                && channel.length() == colon + 1 + user.length()
                && channel.startsWith(user, colon + 1);
    }

    /** Tells whether tokens are asked for anywhere. */
    boolean asksForTokens() {
        return options.channel().subscribe() == Subscribers.TOKEN
                || options.namespaces().values().stream().anyMatch(each -> each.subscribe() == Subscribers.TOKEN);
    }
}
