package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** The values that one object with options has, one for each option of its {@link OptionTable}. */
final class OptionValues {
    private final OptionTable table;
    // In the order of the table: getters are called for every frame, and a place in an array costs next to nothing.
    private final Object[] values;

    /** Creates the defaults. */
    OptionValues(OptionTable table) {
        this.table = table;
        this.values = new Object[table.options().size()];
        for (Option<?> option : table.options()) {
            values[option.index()] = option.standard();
        }
    }

    /** Copies other values; the two share nothing that can change. */
    OptionValues(OptionValues other) {
        this.table = other.table;
        this.values = new Object[other.values.length];
        for (Option<?> option : table.options()) {
            values[option.index()] = option.copy(other.values[option.index()]);
        }
    }

    /** Reads values from JSON; what is left out keeps its default, and what no option is or could be is refused. */
    OptionValues(OptionTable table, JsonObject json) {
        this.table = table;
        List<Option<?>> options = table.options();
        this.values = new Object[options.size()];
        JsonOptions in = table.reading(json);
        for (Option<?> option : options) {
            values[option.index()] = option.read(in);
        }
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        for (Option<?> option : table.options()) {
            json.put(option.name(), option.write(values[option.index()]));
        }
        return json;
    }

    /** Returns the value of an option of this table. */
    @SuppressWarnings("unchecked")
    <V> V get(Option<V> option) {
        return (V) values[option.index()];
    }

    /** Sets an option of this table, or refuses the value with a sentence. */
    <V> void set(Option<V> option, V value) {
        values[option.index()] = option.checked(value);
    }
}
