package dev.polywire.examples.chat;

import io.vertx.core.json.JsonObject;

/**
 * Somebody who has signed in.
 *
 * @param id the user's id, which is the name in lower case
 * @param name what others see
 */
record Person(String id, String name) {
    JsonObject toJson() {
        return new JsonObject().put("id", id).put("name", name);
    }
}
