package dev.polywire.client;

import java.util.function.Consumer;
import org.slf4j.Logger;

/** Those who listen to a client. */
final class Events {
    final Emitter<PolywireClient.StateChange> states;
    final Emitter<PolywireClient.TransportChange> transports;
    final Emitter<String> resumes;
    final Emitter<PolywireClient.Reset> resets;
    final Emitter<PolywireClient.Loss> losses;
    final Emitter<Gap> gaps;
    final Emitter<Message> messages;
    final Emitter<PolywireClient.Expiring> expiring;
    final Emitter<Throwable> errors;
    private final Logger log;

    Events(Consumer<Throwable> thrown, Logger log) {
        this.log = log;
        states = new Emitter<>(thrown);
        transports = new Emitter<>(thrown);
        resumes = new Emitter<>(thrown);
        resets = new Emitter<>(thrown);
        losses = new Emitter<>(thrown);
        gaps = new Emitter<>(thrown);
        messages = new Emitter<>(thrown);
        expiring = new Emitter<>(thrown);
        // Who listens to errors and fails has nobody left to tell.
        errors = new Emitter<>(failed -> log.error("A handler of errors threw.", failed));
    }

    /** A handler's mistake is the application's to see, but not the protocol's to stumble over. */
    void thrown(Throwable error) {
        if (errors.heard()) {
            errors.emit(error);
        } else {
            log.error("A handler threw.", error);
        }
    }
}
