package dev.polywire.examples.chat;

import io.vertx.core.json.JsonObject;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who has which name. That a name is whose it says, the sign-in sees to; here it is about names that are easily taken for one another,
 * of which the first to come is the only one. Safe to call from any thread.
 */
final class Names {
    /** How many names there may be. */
    static final int MOST = 10_000;

    private static final Pattern UNSEEN = Pattern.compile("[\\p{M}._-]");

    /** Cyrillic and Greek letters, in lower case, that look like Latin ones, in lower or in upper case. */
    private static final String ALIKE = "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
            + "\u0456\u0458\u0455\u0501\u04bb\u051b\u051d\u04cf"
            + "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03f3\u03f2";

    private static final String LATIN = "abekmhopctyx" + "ijsdhqwl" + "abezhikmnoptyxjc";

    private final Journal journal;
    private final Map<String, Person> byId = new HashMap<>();
    private final Map<String, Person> byLook = new HashMap<>();

    /** Names that somebody is just taking, by who does. */
    private final Map<Object, Person> held = new IdentityHashMap<>();

    /**
     * Creates an empty register.
     *
     * @param journal where it is written down
     */
    Names(Journal journal) {
        this.journal = journal;
    }

    /**
     * Says what is wrong with a name that somebody wants to have.
     *
     * @param id the user's id
     * @param name the name as it is shown
     * @return a sentence; null when nothing is
     */
    synchronized @Nullable String objection(String id, String name) {
        if (byId.containsKey(id)) {
            return null;
        }
        long scripts = name.codePoints()
                .mapToObj(Character.UnicodeScript::of)
                .filter(script ->
                        script != Character.UnicodeScript.COMMON && script != Character.UnicodeScript.INHERITED)
                .distinct()
                .count();
        if (scripts > 1) {
            // "Аda" with a Cyrillic А looks like "Ada".
            return "A name is written in one alphabet.";
        }
        String look = look(name);
        if (byLook.containsKey(look)
                || held.values().stream()
                        .anyMatch(other ->
                                !other.id().equals(id) && look(other.name()).equals(look))) {
            return "Somebody has a name that looks like this one. Take another.";
        }
        return byId.size() < MOST ? null : "There is no room for another name.";
    }

    /**
     * Keeps a name, and with it all that look like it, from others while it is found out whether somebody gets it.
     *
     * @param by under which it is {@link #release}d
     * @param person who would have it
     * @return what is wrong with it; null when it is held
     */
    synchronized @Nullable String hold(Object by, Person person) {
        String objection = objection(person.id(), person.name());
        if (objection == null) {
            held.put(by, person);
        }
        return objection;
    }

    /**
     * Ends that.
     *
     * @param by who held it
     * @param had whether he has got it, and so is {@link #meet met}
     */
    synchronized void release(Object by, boolean had) {
        Person person = held.remove(by);
        if (person != null && had) {
            meet(person);
        }
    }

    /**
     * Takes somebody in who has proved his id.
     *
     * @param person who; how he wrote his name the first time is how it stays
     * @return false when there is an {@link #objection}
     */
    synchronized boolean meet(Person person) {
        if (byId.containsKey(person.id())) {
            return true;
        }
        if (objection(person.id(), person.name()) != null) {
            return false;
        }
        keep(person);
        journal.write(entry(person));
        return true;
    }

    /**
     * Finds somebody by id.
     *
     * @param id the user's id
     * @return null when nobody has it
     */
    synchronized @Nullable Person person(@Nullable String id) {
        return id == null ? null : byId.get(id);
    }

    /** Takes what was written down. */
    synchronized void replay(JsonObject entry) {
        keep(new Person(entry.getString("id"), entry.getString("name")));
    }

    /** Adds what is to be written down to keep all names. */
    synchronized void dump(List<JsonObject> to) {
        byId.values().forEach(person -> to.add(entry(person)));
    }

    private void keep(Person person) {
        byId.put(person.id(), person);
        byLook.put(look(person.name()), person);
    }

    private static JsonObject entry(Person person) {
        return person.toJson().put("is", "name");
    }

    /** What is the same for names that are easily taken for one another. */
    static String look(String name) {
        String plain = UNSEEN.matcher(Normalizer.normalize(name, Normalizer.Form.NFKD))
                .replaceAll("")
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
        StringBuilder latin = new StringBuilder(plain);
        for (int i = 0; i < latin.length(); i++) {
            int alike = ALIKE.indexOf(latin.charAt(i));
            if (alike >= 0) {
                latin.setCharAt(i, LATIN.charAt(alike));
            }
        }
        return latin.toString().replace('0', 'o').replace('1', 'l').replace('i', 'l');
    }
}
