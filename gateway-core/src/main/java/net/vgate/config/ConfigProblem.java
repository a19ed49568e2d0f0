package net.vgate.config;

import java.nio.file.Path;
import java.util.Comparator;

/**
 * Something in a configuration file that is wrong or looks wrong. Never holds a secret.
 *
 * @param line from 1; 0 when no line is to blame
 * @param column from 1, in characters; 0 when no line is to blame
 * @param key path of the key, as {@code vnets[blue].vni}; empty when the file as a whole is meant
 * @param found what is wrong, about the key
 * @param advice what is allowed, or what to do
 * @param excerpt the line in the file, or empty where it is not to be shown
 * @param caret where in the excerpt the column is, from 0
 */
public record ConfigProblem(
        Severity severity,
        Path file,
        int line,
        int column,
        String key,
        String found,
        String advice,
        String excerpt,
        int caret) {
    static final Comparator<ConfigProblem> BY_PLACE = Comparator.comparingInt(ConfigProblem::line)
            .thenComparingInt(ConfigProblem::column)
            .thenComparing(ConfigProblem::key);

    /** Whether the configuration can be used in spite of it. */
    public enum Severity {
        /** It cannot. */
        ERROR,
        /** It can, but is hardly what was meant. */
        WARNING;

        /** As people read it. */
        public String label() {
            return this == ERROR ? "error" : "warning";
        }
    }

    /** Whether the configuration cannot be used. */
    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** One line: {@code file:line:column: error: key: what is wrong; what to do}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file.toString());
        if (line > 0) {
            text.append(':').append(line).append(':').append(column);
        }
        text.append(": ").append(severity.label()).append(": ");
        if (!key.isEmpty()) {
            text.append(key).append(": ");
        }
        text.append(found);
        if (!advice.isEmpty()) {
            text.append("; ").append(advice);
        }
        return text.toString();
    }

    /** {@link #toString}, and where there is an excerpt, it and a caret below the column. */
    public String toText() {
        return excerpt.isEmpty() ? toString() : this + "\n    " + excerpt + "\n    " + " ".repeat(caret) + "^";
    }
}
