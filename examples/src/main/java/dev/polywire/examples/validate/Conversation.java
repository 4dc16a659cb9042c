package dev.polywire.examples.validate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One connection after the other, as one end of it sees it: who may say what when, and whether the counts are right. Each {@code hello} begins a
 * connection. For a stream; with long polling what was received is in headers, which a file of frames does not have. One thread.
 */
final class Conversation {
    private static final Set<String> UNCOUNTED = Set.of("hello", "welcome", "ping", "pong", "received", "bye");

    private boolean greeted;
    private boolean welcomed;
    private boolean refused;
    private long resumed = -1;
    private long fromClient;
    private long fromServer;

    /** Takes the next frame, which may be wrong by itself, and says what is wrong with it here. */
    List<Fault> next(Direction direction, JsonNode frame) {
        List<Fault> faults = new ArrayList<>();
        String type = frame.path("type").asText();
        if (direction == Direction.CLIENT) {
            client(type, frame, faults);
        } else {
            server(type, frame, faults);
        }
        return faults;
    }

    private void client(String type, JsonNode frame, List<Fault> faults) {
        if (type.equals("hello")) {
            greeted = true;
            welcomed = false;
            refused = false;
            JsonNode resume = frame.path("resume");
            resumed = resume.isObject() ? resume.path("received").asLong() : -1;
            return;
        }
        boolean probe = type.equals("ping") && frame.path("id").isTextual();
        if (!greeted && !probe) {
            faults.add(new Fault("R7", "`hello` has to come before this"));
        } else if (!welcomed && !UNCOUNTED.contains(type)) {
            faults.add(new Fault("R7", "a counted frame before the `welcome`"));
        }
        if (!welcomed) {
            return;
        }
        if (!UNCOUNTED.contains(type)) {
            fromClient++;
        }
        switch (type) {
            case "received" -> atMost(frame, "R22", fromServer, "the server has sent", faults);
            case "ping", "pong" -> exactly(frame, "count", "R39", fromClient, "the client has sent", faults);
            case "bye" -> exactly(frame, "sent", "R40", fromClient, "the client has sent", faults);
            default -> {}
        }
    }

    private void server(String type, JsonNode frame, List<Fault> faults) {
        if (type.equals("welcome")) {
            welcome(frame, faults);
            return;
        }
        if (!welcomed) {
            boolean answer = type.equals("pong") && !greeted;
            boolean refusal = type.equals("error") || type.equals("bye");
            if (!answer && !refusal || refused && !type.equals("bye")) {
                faults.add(new Fault("R6", "`welcome` has to come before this"));
            }
            refused |= type.equals("error");
            return;
        }
        if (!UNCOUNTED.contains(type)) {
            fromServer++;
        }
        switch (type) {
            case "received" -> atMost(frame, "R22", fromClient, "the client has sent", faults);
            case "ping" -> exactly(frame, "count", "R21", fromServer, "the server has sent", faults);
            case "bye" -> exactly(frame, "sent", "R40", fromServer, "the server has sent", faults);
            default -> {}
        }
    }

    private void welcome(JsonNode frame, List<Fault> faults) {
        if (!greeted) {
            faults.add(new Fault("R6", "`welcome` without a `hello`"));
        } else if (welcomed) {
            faults.add(new Fault("R6", "a second `welcome` on one connection"));
        }
        boolean again = frame.path("resumed").asBoolean();
        long first = frame.path("first").asLong();
        if (again && resumed < 0) {
            faults.add(new Fault("R12", "`resumed` without `resume` in the `hello`"));
        } else if (again && first > 0 && first <= resumed) {
            faults.add(new Fault("R12", "`first` is " + first + ", and the client has received " + resumed));
        }
        welcomed = true;
        fromClient = frame.path("received").asLong();
        fromServer = Math.max(first - 1, 0);
    }

    private static void atMost(JsonNode frame, String rule, long sent, String who, List<Fault> faults) {
        if (frame.path("count").isIntegralNumber() && frame.path("count").asLong() > sent) {
            faults.add(new Fault(rule, "`count` is " + frame.path("count") + ", and " + who + " " + sent));
        }
    }

    private static void exactly(JsonNode frame, String member, String rule, long sent, String who, List<Fault> faults) {
        if (frame.path(member).isIntegralNumber() && frame.path(member).asLong() != sent) {
            faults.add(new Fault(rule, "`" + member + "` is " + frame.path(member) + ", and " + who + " " + sent));
        }
    }
}
