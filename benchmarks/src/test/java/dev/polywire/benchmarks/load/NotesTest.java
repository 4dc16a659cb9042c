package dev.polywire.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What went wrong is told in a few lines, however often it did. */
class NotesTest {

    @Test
    @DisplayName("the same is counted, and of many that differ some are told and the others counted")
    void bounded() {
        Notes notes = new Notes();
        notes.add("again");
        for (int i = 0; i < 5000; i++) {
            notes.add("refused, retryAfter=" + i);
        }
        notes.add("again");
        assertThat(notes.counts()).hasSize(Notes.MOST + 1).containsEntry("again", 2);
        assertThat(notes.counts()).containsEntry(Notes.OTHERS, 5000 - (Notes.MOST - 1));
    }

    @Test
    @DisplayName("a whole page of text is told by its beginning")
    void length() {
        Notes notes = new Notes();
        notes.add("x".repeat(10_000));
        assertThat(notes.counts().keySet()).allMatch(note -> note.length() <= Notes.LONGEST + 1);
    }
}
