package dev.polywire.benchmarks.load;

import java.util.Map;
import java.util.TreeMap;

/** What should not have happened, and how often it did. Of thousands of refusals that each have a number, some are told. */
final class Notes {
    /** How many different ones are told. */
    static final int MOST = 20;

    /** How many characters of one are told. */
    static final int LONGEST = 300;

    static final String OTHERS = "others";

    private final Map<String, Integer> counts = new TreeMap<>();

    void add(String what) {
        String note = what.length() > LONGEST ? what.substring(0, LONGEST) + "…" : what;
        counts.merge(counts.size() < MOST || counts.containsKey(note) ? note : OTHERS, 1, Integer::sum);
    }

    Map<String, Integer> counts() {
        return new TreeMap<>(counts);
    }
}
