package net.vgate.config;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * The items of a list of the file with their places. A million single values take a few bytes each: {@link #get} makes
 * the place anew.
 */
final class LocatedList<T> extends AbstractList<Located<T>> implements RandomAccess {
    private final List<T> values;
    private final Spot list;
    private final int[] lines;
    private final int[] columns;

    /** What each item calls itself; null when each is known by its number. */
    private final String @Nullable [] labels;

    private LocatedList(Builder<T> builder) {
        values = builder.values.build();
        list = builder.list;
        lines = Arrays.copyOf(builder.lines, values.size());
        columns = Arrays.copyOf(builder.columns, values.size());
        labels = builder.labels == null ? null : Arrays.copyOf(builder.labels, values.size());
    }

    /** The items alone. */
    List<T> values() {
        return values;
    }

    @Override
    public Located<T> get(int index) {
        String label = labels == null ? Integer.toString(index) : labels[index];
        Spot item = list.item(label);
        return new Located<>(values.get(index), new Spot(lines[index], columns[index], item.key()));
    }

    @Override
    public int size() {
        return lines.length;
    }

    /** Collects items. */
    static final class Builder<T> {
        private final Form.Items<T> values;
        private final Spot list;
        private int[] lines = new int[1];
        private int[] columns = new int[1];
        private String @Nullable [] labels;
        private int count;

        /** @param list the list's own place and key */
        Builder(Form.Items<T> values, Spot list) {
            this.values = values;
            this.list = list;
        }

        /** Appends an item that calls itself {@code label}. */
        void add(T value, YamlNode node, String label) {
            if (count == lines.length) {
                int length = count + (count >> 1) + 1;
                lines = Arrays.copyOf(lines, length);
                columns = Arrays.copyOf(columns, length);
                labels = labels == null ? null : Arrays.copyOf(labels, length);
            }
            if (labels == null && !label.equals(Integer.toString(count))) {
                labels = new String[lines.length];
                Arrays.setAll(labels, Integer::toString);
            }
            if (labels != null) {
                labels[count] = label;
            }
            values.add(value);
            lines[count] = node.line();
            columns[count] = node.column();
            count++;
        }

        LocatedList<T> build() {
            return new LocatedList<>(this);
        }
    }
}
