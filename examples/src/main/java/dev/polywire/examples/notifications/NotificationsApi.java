package dev.polywire.examples.notifications;

import dev.polywire.examples.shared.Issuer;
import dev.polywire.examples.shared.SignIn;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP API, which {@code openapi.json} describes. */
final class NotificationsApi {
    /** How many names one request may have. */
    static final int RECIPIENTS = 100;

    /** The longest that a notification may be kept, in seconds: thirty days. */
    static final long TTL = 30L * 24 * 60 * 60;

    private static final Logger LOG = LoggerFactory.getLogger(NotificationsApi.class);
    private static final int BODY = 64 * 1024;

    /** A request is answered after this time, whatever it waits for. */
    private static final long DEADLINE_MS = 5_000;

    private static final int IDEMPOTENCY_KEY = 64;

    /** What may be left out of a message, and is not null when it is there. */
    private static final List<String> MEMBERS =
            List.of("to", "topic", "title", "body", "link", "severity", "key", "ttl");

    /** As long as an inbox may get; there is no window here. */
    private static final int INBOX_BYTES = 16 << 20;

    private final Notifier notifier;
    private final SignIn people;

    NotificationsApi(Notifier notifier, SignIn people) {
        this.notifier = notifier;
        this.people = people;
    }

    void mount(Router router, Issuer issuer) {
        people.mount(router);
        router.route("/api/*").handler(issuer.handler());
        router.route("/api/*").handler(BodyHandler.create(false).setBodyLimit(BODY));
        router.post("/api/notifications").handler(context -> answer(context, 202, body -> send(context, body)));
        router.get("/api/inbox")
                .handler(context -> answer(context, 200, body -> notifier.view(user(context), INBOX_BYTES)));
        router.post("/api/inbox/read")
                .handler(context -> answer(
                        context,
                        204,
                        body -> notifier.mark(user(context), ids(body), flag(body, "read"))
                                .mapEmpty()));
        router.delete("/api/inbox/:id")
                .handler(context -> answer(
                        context,
                        204,
                        body -> notifier.remove(user(context), List.of(context.pathParam("id")))
                                .mapEmpty()));
        router.put("/api/quiet-hours")
                .handler(context -> answer(
                        context,
                        204,
                        body -> notifier.quiet(user(context), QuietHours.fromJson(body))
                                .mapEmpty()));
        router.put("/api/topics/:topic").handler(context -> answer(context, 204, body -> follow(context, true)));
        router.delete("/api/topics/:topic").handler(context -> answer(context, 204, body -> follow(context, false)));
        router.route("/api/*").handler(context -> refuse(context, 404, "There is nothing at this address."));
        router.route("/api/*").failureHandler(NotificationsApi::failed);
    }

    private Future<@Nullable JsonObject> send(RoutingContext context, JsonObject body) {
        for (String member : MEMBERS) {
            if (body.containsKey(member) && body.getValue(member) == null) {
                throw new IllegalArgumentException(member + " must not be null.");
            }
        }
        Message message = Message.fromJson(body);
        String key = context.request().getHeader("Idempotency-Key");
        if (key != null && (key.isBlank() || key.length() > IDEMPOTENCY_KEY)) {
            throw new IllegalArgumentException(
                    "The header Idempotency-Key must have 1 to " + IDEMPOTENCY_KEY + " characters.");
        }
        long ttl = ttl(body);
        String from = user(context);
        return recipients(body, message).compose(users -> {
            List<Future<JsonObject>> sent = new ArrayList<>();
            for (String user : users) {
                sent.add(notifier.deliver(user, message, from, ttl * 1000, key)
                        .map(id ->
                                new JsonObject().put("user", user).put("id", id).put("online", notifier.online(user))));
            }
            return Future.join(sent)
                    .map(all -> new JsonObject()
                            .put(
                                    "recipients",
                                    new JsonArray(
                                            sent.stream().map(Future::result).toList())));
        });
    }

    private Future<Set<String>> recipients(JsonObject body, Message message) {
        Object to = body.getValue("to");
        if (message.topic() != null) {
            if (to != null) {
                throw new IllegalArgumentException("A notification goes either to somebody or to a topic.");
            }
            return Future.succeededFuture(notifier.followers(topic(message.topic())));
        }
        List<?> names = to instanceof JsonArray several ? several.getList() : to == null ? List.of() : List.of(to);
        if (names.isEmpty() || names.size() > RECIPIENTS) {
            throw new IllegalArgumentException("to must have 1 to " + RECIPIENTS + " names, or there must be a topic.");
        }
        Set<String> ids = new LinkedHashSet<>();
        for (Object name : names) {
            String id = name instanceof String text ? SignIn.id(text) : null;
            if (id == null) {
                throw new IllegalArgumentException("to must be a name or a list of names.");
            }
            ids.add(id);
        }
        List<Future<@Nullable String>> strangers = ids.stream()
                .map(id -> people.known(id).<@Nullable String>map(known -> known ? null : id))
                .toList();
        return Future.join(strangers).map(all -> {
            List<String> unknown = strangers.stream()
                    .map(Future::result)
                    .filter(Objects::nonNull)
                    .toList();
            if (!unknown.isEmpty()) {
                throw new IllegalArgumentException("Nobody has signed in as " + String.join(", ", unknown) + " yet.");
            }
            return ids;
        });
    }

    private Future<@Nullable JsonObject> follow(RoutingContext context, boolean on) {
        return notifier.follow(user(context), topic(context.pathParam("topic")), on)
                .mapEmpty();
    }

    /** Returns a topic as it is kept; names of topics are like names of people. */
    static String topic(@Nullable String name) {
        String topic = SignIn.id(name);
        if (topic == null) {
            throw new IllegalArgumentException("A topic has 1 to 24 letters, digits, dots, hyphens or underscores.");
        }
        return topic;
    }

    private static long ttl(JsonObject body) {
        Object value = body.getValue("ttl");
        if (value == null) {
            return 0;
        }
        if (value instanceof Integer number && number >= 1 && number <= TTL) {
            return number;
        }
        throw new IllegalArgumentException("ttl must be a whole number of seconds from 1 to " + TTL + ".");
    }

    /** Reads which notifications are meant; null for all, which has to be said. */
    static @Nullable Collection<String> ids(JsonObject body) {
        if (body.containsKey("all")) {
            if (Boolean.TRUE.equals(body.getValue("all")) && !body.containsKey("ids")) {
                return null;
            }
            throw new IllegalArgumentException("There must be either ids or all: true.");
        }
        if (body.getValue("ids") instanceof JsonArray ids
                && ids.size() <= Inbox.MOST
                && ids.stream().allMatch(id -> id instanceof String)) {
            return ids.stream().map(id -> (String) id).toList();
        }
        throw new IllegalArgumentException("There must be ids, a list of at most " + Inbox.MOST + ", or all: true.");
    }

    static boolean flag(JsonObject body, String name) {
        if (body.getValue(name) instanceof Boolean flag) {
            return flag;
        }
        throw new IllegalArgumentException(name + " must be true or false.");
    }

    private static String user(RoutingContext context) {
        return context.user().subject();
    }

    private static void answer(
            RoutingContext context, int status, Function<JsonObject, Future<@Nullable JsonObject>> how) {
        Future<@Nullable JsonObject> answer;
        try {
            answer = how.apply(body(context));
        } catch (IllegalArgumentException e) {
            answer = Future.failedFuture(e);
        }
        answer.timeout(DEADLINE_MS, TimeUnit.MILLISECONDS).onComplete(done -> {
            if (context.response().ended() || context.response().closed()) {
                return;
            }
            context.response().putHeader("Cache-Control", "no-store");
            if (done.failed()) {
                refuse(context, done.cause());
            } else if (done.result() == null) {
                context.response().setStatusCode(status).end();
            } else {
                context.response().setStatusCode(status);
                context.json(done.result());
            }
        });
    }

    private static JsonObject body(RoutingContext context) {
        if (context.body() == null || context.body().length() <= 0) {
            return new JsonObject();
        }
        try {
            JsonObject body = context.body().asJsonObject();
            if (body != null) {
                return body;
            }
        } catch (DecodeException | ClassCastException e) {
            // Told below.
        }
        throw new IllegalArgumentException("The body must be a JSON object.");
    }

    private static void refuse(RoutingContext context, Throwable cause) {
        if (cause instanceof IllegalArgumentException) {
            refuse(context, 400, String.valueOf(cause.getMessage()));
        } else {
            LOG.warn("A request could not be answered: {}", cause.toString());
            context.response().putHeader("Retry-After", "1");
            refuse(context, 503, "It cannot be said whether that was done. Try again later.");
        }
    }

    private static void refuse(RoutingContext context, int status, String sentence) {
        context.response().setStatusCode(status);
        context.json(new JsonObject().put("error", sentence));
    }

    private static void failed(RoutingContext context) {
        int status = context.statusCode() < 400 ? 500 : context.statusCode();
        if (context.response().ended()) {
            return;
        }
        if (status == 500) {
            LOG.warn("A request failed.", context.failure());
        }
        refuse(
                context,
                status,
                switch (status) {
                    case 401 -> "Sign in first.";
                    case 413 -> "That is too much.";
                    default -> "The request was refused.";
                });
    }
}
