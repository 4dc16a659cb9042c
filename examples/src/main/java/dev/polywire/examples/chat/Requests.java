package dev.polywire.examples.chat;

import dev.polywire.Realtime;
import dev.polywire.Session;
import dev.polywire.protocol.Payload;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What a page asks for. What changes by it is told to all devices of the user, on his own channel. */
final class Requests {
    /** How many names may be asked for at once. */
    private static final int PEOPLE = 200;

    private final Realtime realtime;
    private final Names names;
    private final Rooms rooms;
    private final Pace openings;

    Requests(Realtime realtime, Names names, Rooms rooms, Pace openings) {
        this.realtime = realtime;
        this.names = names;
        this.rooms = rooms;
        this.openings = openings;
    }

    /** Answers from now on. */
    void begin() {
        answer("chat.open", this::open);
        answer("chat.join", this::join);
        answer("chat.leave", this::leave);
        answer("chat.direct", this::direct);
        answer("chat.read", this::read);
        answer("chat.page", this::page);
        answer("chat.people", this::people);
    }

    private void answer(String address, BiFunction<Person, JsonObject, Object> how) {
        realtime.request(address, (Session session, Payload payload) -> {
            Person who = names.person(session.principal().id());
            if (who == null) {
                throw Refused.forbidden("You are not known here any more. Sign in again.");
            }
            if (!(payload.value() instanceof JsonObject asked)) {
                throw Refused.bad("A request is an object.");
            }
            return Future.succeededFuture(how.apply(who, asked));
        });
    }

    private Object open(Person who, JsonObject asked) {
        slowly(who);
        JsonObject room =
                rooms.open(who, ConversationHandler.text(asked, "name"), ConversationHandler.text(asked, "topic"));
        realtime.channels().publish("rooms", "ADDED", room);
        return joined(who, rooms.mine(who, room.getString("channel")));
    }

    private Object join(Person who, JsonObject asked) {
        return joined(who, rooms.join(who, channel(asked)));
    }

    private Object leave(Person who, JsonObject asked) {
        rooms.leave(who, channel(asked));
        tell(who, "LEFT", new JsonObject().put("channel", channel(asked)));
        return new JsonObject();
    }

    private Object direct(Person who, JsonObject asked) {
        Person other = names.person(ConversationHandler.text(asked, "with"));
        if (other == null) {
            throw Refused.missing("Nobody has that name any more.");
        }
        String channel = Rooms.channel(who, other);
        if (!rooms.exists(channel)) {
            slowly(who);
        }
        JsonObject mine = rooms.direct(who, other);
        tell(other, "JOINED", rooms.mine(other, channel));
        return joined(who, mine);
    }

    private Object read(Person who, JsonObject asked) {
        String channel = visible(who, asked);
        long seq = asked.getValue("seq") instanceof Number number ? number.longValue() : 0;
        boolean further = rooms.read(who, channel, seq);
        JsonObject mine = rooms.mine(who, channel);
        JsonObject mark = new JsonObject()
                .put("channel", channel)
                .put("read", mine.getLong("read"))
                .put("last", mine.getLong("last"))
                .put("unread", mine.getInteger("unread"));
        if (further) {
            tell(who, "READ", mark);
        }
        return mark;
    }

    private Object page(Person who, JsonObject asked) {
        long before = asked.getValue("before") instanceof Number number ? number.longValue() : Long.MAX_VALUE;
        return rooms.page(visible(who, asked), before);
    }

    private Object people(Person who, JsonObject asked) {
        JsonArray found = new JsonArray();
        if (asked.getValue("ids") instanceof JsonArray ids) {
            ids.stream().limit(PEOPLE).forEach(id -> {
                Person person = id instanceof String text ? names.person(text) : null;
                if (person != null) {
                    found.add(person.toJson());
                }
            });
        }
        return new JsonObject().put("people", found);
    }

    private JsonObject joined(Person who, JsonObject mine) {
        tell(who, "JOINED", mine);
        return mine;
    }

    private void tell(Person who, String event, JsonObject what) {
        realtime.channels().publish("user:" + who.id(), event, what);
    }

    private void slowly(Person who) {
        long wait = openings.use(who.id());
        if (wait > 0) {
            throw Refused.tooFast("You are opening too many conversations.", wait);
        }
    }

    private static String visible(Person who, JsonObject asked) {
        String channel = channel(asked);
        if (channel.startsWith("dm:") && !Rooms.isOf(channel, who.id())) {
            throw Refused.missing("There is no such conversation.");
        }
        return channel;
    }

    private static String channel(JsonObject asked) {
        @Nullable String channel = ConversationHandler.text(asked, "channel");
        if (channel == null) {
            throw Refused.bad("The request lacks a channel.");
        }
        return channel;
    }
}
