package dev.polywire.examples.notifications;

import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Locale;

/**
 * When a person does not want to be disturbed.
 *
 * @param on whether there are any
 * @param from when they begin, on the clock of {@code zone}
 * @param to when they end; before {@code from} it is on the next day
 * @param zone where the person is
 */
record QuietHours(boolean on, LocalTime from, LocalTime to, ZoneId zone) {
    /** Hours and minutes, and no more: {@code 07:05}. */
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);

    static final QuietHours NONE = new QuietHours(false, LocalTime.of(22, 0), LocalTime.of(7, 0), ZoneId.of("UTC"));

    boolean at(long now) {
        if (!on || from.equals(to)) {
            return false;
        }
        LocalTime time = Instant.ofEpochMilli(now).atZone(zone).toLocalTime();
        return from.isBefore(to)
                ? !time.isBefore(from) && time.isBefore(to)
                : !time.isBefore(from) || time.isBefore(to);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("on", on)
                .put("from", from.toString())
                .put("to", to.toString())
                .put("zone", zone.getId());
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException for what cannot be, with a sentence
     */
    static QuietHours fromJson(JsonObject json) {
        try {
            String from = Message.text(json, "from");
            String to = Message.text(json, "to");
            String zone = Message.text(json, "zone");
            if (from != null && to != null && zone != null && json.getValue("on") instanceof Boolean on) {
                return new QuietHours(on, LocalTime.parse(from, CLOCK), LocalTime.parse(to, CLOCK), ZoneId.of(zone));
            }
        } catch (DateTimeException e) {
            // Told below.
        }
        throw new IllegalArgumentException(
                "Quiet hours have on (true or false), from and to (such as 22:00), and a zone (such as"
                        + " Europe/Berlin).");
    }
}
