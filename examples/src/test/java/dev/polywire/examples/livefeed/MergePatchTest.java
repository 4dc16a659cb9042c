package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {

    /** Those of RFC 7396, appendix A, that begin and end with an object. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"a":"b"}               | {"a":"c"}             | {"a":"c"}
        {"a":"b"}               | {"b":"c"}             | {"a":"b","b":"c"}
        {"a":"b"}               | {"a":null}            | {}
        {"a":"b","b":"c"}       | {"a":null}            | {"b":"c"}
        {"a":["b"]}             | {"a":"c"}             | {"a":"c"}
        {"a":"c"}               | {"a":["b"]}           | {"a":["b"]}
        {"a":{"b":"c"}}         | {"a":{"b":"d","c":null}} | {"a":{"b":"d"}}
        {"a":[{"b":"c"}]}       | {"a":[1]}             | {"a":[1]}
        {}                      | {"a":{"bb":{"ccc":null}}} | {"a":{"bb":{}}}
        {"e":1}                 | {"a":1}               | {"e":1,"a":1}
        """)
    void itDoesAsTheExamplesOfTheRfc(String document, String patch, String result) {
        assertThat(MergePatch.apply(new JsonObject(document), new JsonObject(patch)))
                .isEqualTo(new JsonObject(result));
    }

    @Test
    void aDifferenceLeadsFromOneDocumentToTheOther() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            JsonObject from = document(random, 3);
            JsonObject to = random.nextBoolean() ? document(random, 3) : changed(random, from);
            JsonObject before = from.copy();
            JsonObject patch = MergePatch.diff(from, to);

            assertThat(MergePatch.apply(from, patch))
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(to);
            assertThat(from).isEqualTo(before);
            assertThat(patch.isEmpty()).isEqualTo(from.equals(to));
            // What is equal is not told.
            assertThat(MergePatch.diff(to, MergePatch.apply(from, patch))).isEqualTo(new JsonObject());
        }
    }

    @Test
    void aChangeLeadsToTheNewestVersionFromEachThatItReaches() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 3; round++) {
            List<JsonObject> versions = new ArrayList<>(List.of(document(random, 3)));
            StateDocument state = new StateDocument(versions.get(0));
            while (versions.size() < 3 * StateDocument.REACH) {
                JsonObject next = changed(random, versions.get(versions.size() - 1));
                StateDocument.Change change = state.set(next);
                if (change == null) {
                    assertThat(next).isEqualTo(versions.get(versions.size() - 1));
                    continue;
                }
                versions.add(next);
                assertThat(change.to()).isEqualTo(versions.size() - 1);
                assertThat(change.from()).isEqualTo(Math.max(0, change.to() - StateDocument.REACH));
                for (long from = change.from(); from < change.to(); from++) {
                    assertThat(MergePatch.apply(versions.get((int) from), change.patch()))
                            .as("seed %d round %d from %d to %d", seed, round, from, change.to())
                            .isEqualTo(next);
                }
            }
        }
    }

    @Test
    void whatNoPatchCanTellIsRefused() {
        assertThatThrownBy(() ->
                        MergePatch.diff(new JsonObject(), new JsonObject().put("a", new JsonObject().putNull("b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A merge patch removes what is null: leave the member b out.");
    }

    /** A random document of few names, so that two of them have something in common. */
    static JsonObject document(Random random, int depth) {
        JsonObject document = new JsonObject();
        for (int i = random.nextInt(5); i > 0; i--) {
            document.put(name(random), value(random, depth));
        }
        return document;
    }

    static JsonObject changed(Random random, JsonObject document) {
        JsonObject next = document.copy();
        for (int i = random.nextInt(3); i > 0; i--) {
            String name = name(random);
            if (random.nextInt(3) == 0) {
                next.remove(name);
            } else if (next.getValue(name) instanceof JsonObject inner && random.nextInt(4) > 0) {
                next.put(name, changed(random, inner));
            } else {
                next.put(name, value(random, 2));
            }
        }
        return next;
    }

    private static String name(Random random) {
        return List.of("a", "b", "c", "d", "__proto__", "").get(random.nextInt(6));
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> random.nextInt(3);
            case 1 -> random.nextBoolean();
            case 2 -> "text" + random.nextInt(3);
            case 3 -> new JsonArray().add(random.nextInt(2)).addNull().add(new JsonObject().putNull("kept"));
            default -> document(random, depth - 1);
        };
    }
}
