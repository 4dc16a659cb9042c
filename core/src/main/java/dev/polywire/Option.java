package dev.polywire;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One option: its name, what it is when not said otherwise, what it may be, and how JSON tells it. Declared once, in an
 * {@link OptionTable}.
 *
 * @param <V> what a getter returns
 */
final class Option<V> {
    private final int index;
    private final String name;
    private final V standard;
    private final Reader<V> reader;
    private final Function<V, Object> writer;
    private final UnaryOperator<V> copier;
    private final Consumer<V> check;

    /** Reads a value from JSON, or refuses what has another type. */
    interface Reader<V> {
        V read(JsonOptions in, String name, V otherwise);
    }

    /**
     * Creates an option; for {@link OptionTable}.
     *
     * @param index its place among the values
     * @param name its name in JSON
     * @param standard its value when not said otherwise
     * @param reader from JSON
     * @param writer to JSON
     * @param copier what two objects with options may share, or a copy of what they may not
     * @param check throws an {@link IllegalArgumentException} that says what would be right
     */
    Option(
            int index,
            String name,
            V standard,
            Reader<V> reader,
            Function<V, Object> writer,
            UnaryOperator<V> copier,
            Consumer<V> check) {
        this.index = index;
        this.name = name;
        this.standard = standard;
        this.reader = reader;
        this.writer = writer;
        this.copier = copier;
        this.check = check;
    }

    int index() {
        return index;
    }

    String name() {
        return name;
    }

    V standard() {
        return copier.apply(standard);
    }

    V checked(V value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must not be null.");
        }
        check.accept(value);
        return value;
    }

    V read(JsonOptions in) {
        return checked(reader.read(in, name, standard()));
    }

    /** Does what the typed methods do, for those who walk over all options; the value is one of this option. */
    @SuppressWarnings("unchecked")
    Object write(Object value) {
        return writer.apply((V) value);
    }

    @SuppressWarnings("unchecked")
    Object copy(Object value) {
        return copier.apply((V) value);
    }
}
