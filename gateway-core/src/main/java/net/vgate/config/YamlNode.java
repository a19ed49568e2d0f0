package net.vgate.config;

import java.util.List;

/** A value of the file as it was written, before anything is known of what it means. Lines and columns from 1. */
sealed interface YamlNode {
    int line();

    int column();

    /** What it is, in a person's words. */
    String kind();

    /**
     * A single value.
     *
     * @param plain whether it was written without quotes
     */
    record Scalar(int line, int column, String text, boolean plain) implements YamlNode {
        /** Whether nothing was written at all, as after the colon of {@code key:}. */
        boolean isAbsent() {
            return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }

        @Override
        public String kind() {
            return "a single value";
        }
    }

    /** A list. */
    record Sequence(int line, int column, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys and their values, in the order of the file; the same key may be there twice. */
    record Mapping(int line, int column, List<Entry> entries) implements YamlNode {
        @Override
        public String kind() {
            return "a group of keys";
        }
    }

    /** One key of a mapping. */
    record Entry(Scalar key, YamlNode value) {}
}
