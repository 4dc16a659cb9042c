package dev.polywire.examples.chat;

import io.vertx.core.json.JsonObject;

/**
 * What somebody has said, as it is now. The text is data: nothing here or in the page reads markup in it.
 *
 * @param id given by the author's page, unique in the conversation
 * @param seq its place in the conversation, from 1
 * @param version 1, and one more with each change: whoever sees two versions keeps the higher, in whichever order they come
 * @param author who said it
 * @param text empty when deleted
 * @param at when, milliseconds since the epoch
 * @param edited when it was last edited, or 0
 * @param deleted whether it was taken back
 */
record Message(String id, long seq, int version, Person author, String text, long at, long edited, boolean deleted) {

    Message edit(String newText, long now) {
        return new Message(id, seq, version + 1, author, newText, at, now, false);
    }

    Message delete() {
        return new Message(id, seq, version + 1, author, "", at, 0, true);
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject()
                .put("id", id)
                .put("seq", seq)
                .put("version", version)
                .put("author", author.toJson())
                .put("text", text)
                .put("at", at);
        if (edited > 0) {
            json.put("edited", edited);
        }
        return deleted ? json.put("deleted", true) : json;
    }

    static Message of(JsonObject json) {
        JsonObject author = json.getJsonObject("author");
        return new Message(
                json.getString("id"),
                json.getLong("seq"),
                json.getInteger("version"),
                new Person(author.getString("id"), author.getString("name")),
                json.getString("text"),
                json.getLong("at"),
                json.getLong("edited", 0L),
                json.getBoolean("deleted", false));
    }
}
